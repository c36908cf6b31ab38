"""The JSON Schema of a workflow definition as its author writes it, for editors that complete and check."""

from typing import Any

from governance.catalog.field_words import described
from governance.catalog.pinning import SHORT_PIN
from governance.catalog.workflows import WorkflowContent

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def definition_schema() -> dict[str, Any]:
    """The schema of a draft: as what is stored, but a pin is a text and the kind is known."""
    schema = WorkflowContent.model_json_schema(mode="validation")
    schema["$defs"]["Pinned"] = {
        "title": "Pin",
        "type": "string",
        "pattern": SHORT_PIN.pattern,
        "description": "A version of an asset of the same project, as slug@number.",
    }
    schema["properties"].pop("kind")
    parts = {**schema["$defs"], WorkflowContent.__name__: schema}
    for name, part in parts.items():
        fields = part.get("properties", {})
        for field in fields.values():
            field.pop("stored", None)
        described(name, fields)
    return {"$schema": DIALECT, **schema, "title": "Countersign workflow"}
