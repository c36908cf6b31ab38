"""Where and by which rule a value does not fit its schema, without a word of the value."""

import json
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

LONGEST_RULE: Final = 200


def first_misfit(value: Any, validator: Draft202012Validator) -> str:
    """The first place that does not fit, and the schema's rule there; empty when all of it fits.

    What is said of it stands in records that everybody reads, and the value may be masked: its place is told
    by names that the schema itself has.
    """
    found = min(validator.iter_errors(value), key=lambda wrong: wrong.json_path, default=None)
    return "" if found is None else f"{_place(found)}: {_rule(found)}"


def _place(wrong: ValidationError) -> str:
    known = frozenset(wrong.absolute_schema_path)
    return "$" + "".join(_part(part, known) for part in wrong.absolute_path)


def _part(part: str | int, known: frozenset[str | int]) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    if part not in known:
        return "[…]"
    return f".{part}" if part.isidentifier() else f"[{json.dumps(part, ensure_ascii=False)}]"


def _rule(wrong: ValidationError) -> str:
    rule = json.dumps(wrong.validator_value, ensure_ascii=False)
    return f"its “{wrong.validator}” is to be {rule}" if len(rule) <= LONGEST_RULE else f"“{wrong.validator}”"
