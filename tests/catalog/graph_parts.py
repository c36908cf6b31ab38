"""Nodes of every kind, and workflows of them, for the tests of what may stand in one."""

from typing import Any

from governance.catalog.workflows import WorkflowContent

DIGEST = "0" * 64
PROMPT = {"asset": "reply", "number": 1, "digest": DIGEST}
MODEL = {"asset": "small", "number": 1, "digest": DIGEST}
LABELS = {
    "type": "object",
    "properties": {
        "label": {"enum": ["card", "loan"]},
        "parts": {"type": "array", "items": {"type": "object"}},
    },
}
UNDO = {"kind": "function", "function": "undo@1", "inputs": {"text": "$letter"}}
IRREVERSIBLE = {"irreversible": "A letter that was sent cannot be taken back."}


def keep(key: str = "a", **changed: Any) -> dict[str, Any]:
    return {"kind": "function", "key": key, "function": "keep@1", "inputs": {"text": "$letter"}, **changed}


def ask(key: str = "a", **changed: Any) -> dict[str, Any]:
    return {
        "kind": "llm",
        "key": key,
        "prompt": PROMPT,
        "model": MODEL,
        "inputs": {"letter": "$letter"},
        **changed,
    }


def send(key: str = "a", **changed: Any) -> dict[str, Any]:
    return {"kind": "http", "key": key, "endpoint": "crm", **changed}


def compute(expression: str, **inputs: str) -> dict[str, Any]:
    return {"kind": "transform", "key": "a", "expression": expression, "inputs": inputs or {"x": "$facts"}}


def each(call: dict[str, Any], over: str = "$facts.list", **changed: Any) -> dict[str, Any]:
    inner = {name: value for name, value in call.items() if name != "key"}
    return {"kind": "map", "key": "a", "over": over, "each": inner, **changed}


def person(task: str = "approve", key: str = "a", **changed: Any) -> dict[str, Any]:
    return {"kind": "human_task", "key": key, "task": task, "title": "Look", **changed}


def choose(on: str, *cases: str) -> list[dict[str, Any]]:
    found = [{"equals": case, "next": "end"} for case in cases or ("x",)]
    return [{"kind": "branch", "key": "fork", "on": on, "cases": found, "default": "end"}, keep("end")]


def line(*nodes: dict[str, Any]) -> WorkflowContent:
    """The nodes one after another, on a letter and some facts."""
    keys = [node["key"] for node in nodes]
    linked = [
        node if node["kind"] == "branch" or "next" in node else {**node, "next": after}
        for node, after in zip(nodes, [*keys[1:], None], strict=True)
    ]
    inputs = [{"name": "letter"}, {"name": "facts", "media_type": "application/json"}]
    return WorkflowContent.model_validate(
        {"inputs": inputs, "nodes": linked, "start": keys[0], "output": keys[0]}
    )
