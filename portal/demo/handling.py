"""The workflow that handles a complaint: from a customer's letter to a drafted reply at the right desk."""

from typing import Any

from portal.demo.catalogue import MODEL_SLUG

SLUG = "complaint-handling"
PURPOSE = "From a customer's letter to a drafted reply at the right desk"
DRAFT = "draft_reply"
LABELS = ("card dispute", "fees", "loan", "account access", "service", "other")
DESKS = {
    "card dispute": ("to_cards", "Cards"),
    "fees": ("to_accounts", "Accounts"),
    "loan": ("to_lending", "Lending"),
    "account access": ("to_digital", "Digital services"),
}
GENERAL = ("to_care", "Customer care")
LETTER = {"name": "letter", "media_type": "text/plain", "classification": "personal", "max_bytes": 20_000}
LABEL_SCHEMA = {
    "type": "object",
    "properties": {"label": {"enum": list(LABELS)}},
    "required": ["label"],
    "additionalProperties": False,
}


def content(*, reply_version: int) -> dict[str, Any]:
    """Redact, classify, summarise, draft a reply, route to a desk.

    Redaction leaves names: what is made from the letter stays personal data, but for the label and the desk.
    """
    redact = {
        "key": "redact",
        "kind": "function",
        "function": "redact_personal_data@1",
        "inputs": {"text": "$letter"},
        "next": "classify",
    }
    asked = (_classify(), _summarise(), _draft(reply_version))
    return {"inputs": [LETTER], "start": "redact", "output": DRAFT, "nodes": [redact, *asked, *_routed()]}


def _asking(key: str, prompt: str, inputs: dict[str, str], then: str, **more: Any) -> dict[str, Any]:
    pinned = {"prompt": prompt, "model": f"{MODEL_SLUG}@1"}
    return {"key": key, "kind": "llm", **pinned, "inputs": inputs, "next": then, **more}


def _classify() -> dict[str, Any]:
    bounds = {"output_schema": LABEL_SCHEMA, "max_tokens": 40, "classification": "internal"}
    return _asking("classify", "complaint-label@1", {"letter": "redact.text"}, "summarise", **bounds)


def _summarise() -> dict[str, Any]:
    return _asking("summarise", "complaint-summary@1", {"letter": "redact.text"}, DRAFT, max_tokens=70)


def _draft(version: int) -> dict[str, Any]:
    inputs = {"summary": "summarise", "topic": "classify.label"}
    return _asking(DRAFT, f"complaint-reply@{version}", inputs, "route")


def _routed() -> list[dict[str, Any]]:
    """The choice of a desk by the label, and the desks."""
    route = {
        "key": "route",
        "kind": "branch",
        "on": "classify.label",
        "cases": [{"equals": label, "next": key} for label, (key, _) in DESKS.items()],
        "default": GENERAL[0],
        "classification": "internal",
    }
    return [route, *(_desk(key, desk) for key, desk in (*DESKS.values(), GENERAL))]


def _desk(key: str, desk: str) -> dict[str, Any]:
    return {
        "key": key,
        "kind": "function",
        "function": "assign_desk@1",
        "settings": {"desk": desk},
        "classification": "internal",
    }
