"""What a workflow may demand of a model's answer: a JSON schema that is safe to check a stranger's text with.

A reference could lead out of the schema or in a circle, a pattern can keep a regular-expression engine busy
for hours (CWE-1333), and a schema that names itself, or another dialect, is read by other rules than
those checked here: none of them is allowed. Naming the dialect that is used anyway, at the root, is.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from governance.ledger.canonical import canonical

LARGEST = 20_000
DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFUSED = frozenset(
    {"$ref", "$dynamicRef", "$recursiveRef", "pattern", "patternProperties"}
    | {"$id", "$anchor", "$dynamicAnchor", "$schema", "$vocabulary"}
)
# Under these, the keys are names that the author chose, and each value is a schema.
NAMED = frozenset({"properties", "$defs", "definitions", "dependentSchemas"})
# Under these lies plain data, no schema.
DATA = frozenset({"const", "enum", "default", "examples"})


def schema_complaint(schema: Mapping[str, Any], *, what: str = "an output schema") -> str:
    """What is wrong with such a schema, as the end of a sentence; empty when nothing is."""
    if len(canonical(dict(schema))) > LARGEST:
        return f"has {what} of more than {LARGEST:,} bytes"
    within = {word: value for word, value in schema.items() if (word, value) != ("$schema", DIALECT)}
    if refused := sorted(REFUSED.intersection(_keywords(within))):
        return f"has {what} with {', '.join(f'“{word}”' for word in refused)}, which is not allowed"
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as problem:
        return f"has {what} that is not valid: {problem.message[:200]}"
    return ""


def _keywords(schema: Any) -> Iterator[str]:
    """Every keyword of the schema and of the schemas within it."""
    if isinstance(schema, Mapping):
        for keyword, value in schema.items():
            yield keyword
            if keyword in NAMED and isinstance(value, Mapping):
                for inner in value.values():
                    yield from _keywords(inner)
            elif keyword not in DATA:
                yield from _keywords(value)
    elif isinstance(schema, list | tuple):
        for inner in schema:
            yield from _keywords(inner)
