"""Workflow definitions as JSON text: read strictly, written for people to edit."""

import json
from typing import Any

from governance.catalog.models import Version
from governance.errors import Invalid
from governance.ledger.canonical import canonical
from governance.ledger.strict_json import read_json

NODE_ORDER = ("key", "kind", "function", "prompt", "model", "on", "cases", "default", "inputs")
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


def read_definition(text: str) -> dict[str, Any]:
    """The object that the text writes down. Raises `Invalid` for what is not strict JSON or has no digest."""
    value = read_json(text, what="The definition")
    if not isinstance(value, dict):
        raise Invalid("The definition must be an object: begin with {.")
    canonical(value)
    return value


def written(newest: Version | None) -> str:
    """The newest definition with its pins as `name@number`, or a first one to start from."""
    if newest is None:
        return json.dumps(FIRST_WORKFLOW, indent=2, ensure_ascii=False)
    document = newest.document
    inputs = [_in_order(declared, ("name", "media_type")) for declared in document["inputs"]]
    nodes = [_in_order(_short(node), NODE_ORDER) for node in document["nodes"]]
    shown = {"inputs": inputs, "nodes": nodes, "start": document["start"], "output": document["output"]}
    return json.dumps(shown, indent=2, ensure_ascii=False)


def _in_order(facts: dict[str, Any], first: tuple[str, ...]) -> dict[str, Any]:
    """The stored form sorts its keys; people read what a thing is before how it is set up."""
    known = {key: facts[key] for key in first if key in facts}
    last = {"next": facts["next"]} if "next" in facts else {}
    return {**known, **{key: value for key, value in facts.items() if key != "next"}, **last}


def _short(node: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in node.items() if value is not None and value != {}}
    for kind in ("prompt", "model"):
        if kind in kept:
            kept[kind] = f"{kept[kind]['asset']}@{kept[kind]['number']}"
    return kept
