"""The workflow that answers a complaint: a person corrects the reply, it is sent, and it is remembered."""

from typing import Any

SLUG = "complaint-answer"
PURPOSE = "From a drafted reply to the answer that a person sends, and to what the bank remembers of it"
SENT = "answer.sent"
DAY = 86_400
INSTRUCTIONS = """Read the customer's letter first, then what we know of them.
Promise nothing that the bank has not decided: no refund, no sum, no date beyond five working days.
Correct the reply, or leave it as it is. It goes out under your name."""


def content() -> dict[str, Any]:
    """Recognise the customer, enter the case in the register, have the reply corrected, wait for its sending.

    Then the entry is closed and the answer noted. A run that fails or is cancelled strikes its entry.
    """
    nodes = [_recognise(), _register(), _edit(), _sent(), _close(), _note()]
    return {"inputs": _inputs(), "start": "recognise", "output": "edit", "nodes": nodes}


def _inputs() -> list[dict[str, Any]]:
    personal = ("customer", "letter", "reply")
    return [
        {"name": "case", "classification": "internal", "max_bytes": 200},
        *({"name": name, "classification": "personal", "max_bytes": 20_000} for name in personal),
    ]


def _recognise() -> dict[str, Any]:
    return {
        "key": "recognise",
        "kind": "function",
        "function": "recognise_customer@1",
        "inputs": {"customer": "$customer"},
        "recall": {"known": {"namespace": "customers", "key": "$customer"}},
        "next": "register",
    }


def _register() -> dict[str, Any]:
    entry = {"namespace": "register", "key": "$case"}
    strike = {"function": "strike_entry@1", "inputs": {"entry": "register"}, "remember": entry}
    return {
        "key": "register",
        "kind": "function",
        "function": "open_entry@1",
        "inputs": {"case": "$case", "customer": "$customer"},
        "effect": "idempotent",
        "remember": entry,
        "compensate": {"kind": "function", **strike},
        "next": "edit",
    }


def _edit() -> dict[str, Any]:
    return {
        "key": "edit",
        "kind": "human_task",
        "task": "edit",
        "title": "Correct the reply before it is sent",
        "instructions": INSTRUCTIONS,
        "inputs": {"letter": "$letter", "known": "recognise.words"},
        "subject": "$reply",
        "team": "complaints-desk",
        "escalate_to": "complaints-lead",
        "escalate_after_s": 5 * DAY,
        "timeout_s": 21 * DAY,
        "next": "sent",
    }


def _sent() -> dict[str, Any]:
    return {"key": "sent", "kind": "wait_event", "event": SENT, "timeout_s": 7 * DAY, "next": "close"}


def _close() -> dict[str, Any]:
    return {
        "key": "close",
        "kind": "function",
        "function": "close_entry@1",
        "inputs": {"entry": "register", "sent": "sent"},
        "effect": "idempotent",
        "remember": {"namespace": "register", "key": "$case"},
        "next": "note",
    }


def _note() -> dict[str, Any]:
    return {
        "key": "note",
        "kind": "function",
        "function": "note_answer@1",
        "inputs": {"customer": "$customer", "case": "$case", "answer": "edit"},
        "effect": "idempotent",
        "recall": {"known": {"namespace": "customers", "key": "$customer"}},
        "remember": {"namespace": "customers", "key": "$customer"},
    }
