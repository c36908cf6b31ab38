"""What is known of a recorded value before anything has run, as a JSON schema; of most, nothing is.

Only what is certain counts: a path is refused when no value of that schema could have it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from governance.catalog.calls import Call, LlmCall, SubrunCall
from governance.catalog.model_versions import ModelContent
from governance.catalog.nodes import BranchNode, HumanTaskNode, MapNode, TimerNode
from governance.catalog.prompts import PromptContent
from governance.catalog.workflows import WorkflowContent

Schema = Mapping[str, Any]
Contents = Mapping[tuple[str, str, int], PromptContent | ModelContent | WorkflowContent]

ANYTHING: Final[Schema] = {}
TEXT: Final[Schema] = {"type": "string"}
WORDS: Final = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
# With one of these, an object may have properties that `properties` does not name.
COMBINED: Final = frozenset(
    {"allOf", "anyOf", "oneOf", "if", "not", "$ref", "patternProperties", "dependentSchemas"}
)
JSON_TYPES: Final = {str: "string", bool: "boolean", int: "integer", dict: "object", list: "array"}


class Known:
    """What is known of the values of one workflow."""

    def __init__(self, workflow: WorkflowContent, contents: Contents) -> None:
        """Of this workflow, whose pinned versions have these contents."""
        self._workflow = workflow
        self._contents = contents
        self._outputs: dict[str, Schema] = {}
        self._inputs = {
            f"${declared.name}": TEXT
            if declared.media_type == "text/plain"
            else declared.value_schema or ANYTHING
            for declared in workflow.inputs
        }

    def of(self, reference: str, *, each: MapNode | None = None) -> tuple[Schema, str]:
        """What the reference leads to, and why it leads nowhere, as the end of a sentence, if it does.

        Within a map, `each` is its node.
        """
        root, *path = reference.split(".")
        return follow(self._root(root, each), f"“{root}”", path)

    def output(self, key: str) -> Schema:
        """The output of a node."""
        if key not in self._outputs:
            self._outputs[key] = self._output(key)
        return self._outputs[key]

    def output_of_call(self, call: Call) -> Schema:
        """What a call yields."""
        if isinstance(call, LlmCall):
            return TEXT if call.output_schema is None else call.output_schema
        if isinstance(call, SubrunCall):
            pin = call.workflow
            inner = self._contents.get(("workflow", pin.asset, pin.number))
            if isinstance(inner, WorkflowContent):
                return Known(inner, {}).output(inner.output)
        return ANYTHING

    def _root(self, root: str, each: MapNode | None) -> Schema:
        if root.startswith("$"):
            return self._inputs.get(root, ANYTHING)
        if root == "@index":
            return {"type": "integer"}
        if root == "@item":
            items = self.of(each.over)[0].get("items") if each else None
            return items if isinstance(items, Mapping) else ANYTHING
        return self.output(root)

    def _output(self, key: str) -> Schema:
        match self._workflow.node(key):
            case Call() as call:
                return self.output_of_call(call)
            case MapNode() as node:
                return {"type": "array", "items": self.output_of_call(node.each)}
            case BranchNode():
                return _exactly(value=TEXT, chosen=TEXT)
            case TimerNode():
                return _exactly(waited_until=TEXT)
            case HumanTaskNode() as node if not node.on_timeout:
                return _decision(node)
        return ANYTHING


def follow(schema: Schema, root: str, path: Sequence[str]) -> tuple[Schema, str]:
    """Where a path into a value of this schema leads, and why it leads nowhere if it does."""
    here = root
    for name in path:
        onward = _property(schema, name)
        if isinstance(onward, str):
            return ANYTHING, f"{here} {onward}"
        schema, here = onward, f"“{name}” of {here}"
    return schema, ""


def types_of(schema: Schema) -> frozenset[str] | None:
    """The JSON types that a value can have; None when it may be any."""
    named = schema.get("type")
    if isinstance(named, str):
        return frozenset({named})
    if isinstance(named, list | tuple):
        return frozenset(found for found in named if isinstance(found, str))
    values = allowed(schema)
    if values is None:
        return None
    return frozenset(JSON_TYPES.get(type(value), "null") for value in values)


def said(types: frozenset[str]) -> str:
    """The types in words."""
    return " or ".join(WORDS.get(found, found) for found in sorted(types))


def texts_of(schema: Schema) -> frozenset[str] | None:
    """The values that there can be, each as a branch compares it; None when there may be any."""
    values = allowed(schema)
    if values is None:
        return frozenset({"true", "false"}) if schema.get("type") == "boolean" else None
    return frozenset(
        value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
        for value in values
    )


def allowed(schema: Schema) -> list[Any] | None:
    """The values that the schema enumerates, if it does."""
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    return values if isinstance(values, list) else None


def _property(schema: Schema, name: str) -> Schema | str:
    """The property's schema, or why there is none."""
    types = types_of(schema)
    if types is not None and "object" not in types:
        return f"is {said(types)}, which has no “{name}”"
    properties = schema.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    if name in properties:
        found = properties[name]
        return found if isinstance(found, Mapping) else ANYTHING
    more = schema.get("additionalProperties")
    if isinstance(more, Mapping):
        return more
    if more is True or COMBINED & schema.keys() or (more is None and not properties):
        return ANYTHING
    return f"has no “{name}”, only {', '.join(properties) or 'nothing'}"


def _exactly(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _decision(node: HumanTaskNode) -> Schema:
    """What a person's decision is recorded as; an edited value has whatever form the person gave it."""
    if node.task == "approve":
        return _exactly(approved={"type": "boolean"}, comment=TEXT)
    if node.task == "choose":
        return _exactly(choice={"enum": list(node.choices)}, comment=TEXT)
    return ANYTHING
