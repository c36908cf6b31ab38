"""The text that the editor of a workflow begins with."""

import json

from governance.catalog.definition_text import written as written_out
from governance.catalog.models import Version

FIRST_WORKFLOW = {
    "inputs": [
        {"name": "document", "media_type": "text/plain", "classification": "internal", "max_bytes": 20000}
    ],
    "nodes": [
        {
            "key": "summarise",
            "kind": "llm",
            "prompt": "name-of-a-prompt@1",
            "model": "name-of-a-model@1",
            "inputs": {"document": "$document"},
        }
    ],
    "start": "summarise",
    "output": "summarise",
}


def written(newest: Version | None) -> str:
    """The newest definition as JSON with its pins as `name@number`, or a first one to start from."""
    if newest is None:
        return json.dumps(FIRST_WORKFLOW, indent=2, ensure_ascii=False)
    return written_out(newest.document, form="json")
