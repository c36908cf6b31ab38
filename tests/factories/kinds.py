"""A workflow with a node of every kind, as an author would write it."""

from typing import Any

from governance.catalog.models import Version
from tests.factories.cast import Company
from tests.factories.things import make_model, make_prompt, make_version, make_workflow, pin

LABELS: dict[str, Any] = {
    "type": "object",
    "properties": {"label": {"enum": ["card", "loan"]}, "parts": {"type": "array"}},
    "required": ["label", "parts"],
}


def every_kind(company: Company) -> dict[str, Any]:
    """The draft; what it pins is made for it."""
    prompt, model, other = make_prompt(company), make_model(company), make_model(company)
    inner = make_workflow(company, prompt=prompt, model=model)
    asking = {"kind": "llm", "prompt": pin(prompt), "model": pin(model)}
    return {
        "inputs": [
            {"name": "letter", "classification": "internal"},
            {"name": "customer", "media_type": "application/json"},
        ],
        "nodes": [
            {
                **asking,
                "key": "label",
                "fallback": pin(other),
                "inputs": {"letter": "$letter"},
                "output_schema": LABELS,
                "reask": 2,
                "retry": {"attempts": 5, "never": ["prompt_refused"]},
                "timeout_s": 90,
                "remember": {"namespace": "customers", "key": "$customer.id", "path": "label"},
                "next": "clean",
            },
            {
                "kind": "transform",
                "key": "clean",
                "expression": "parts[?amount].{of: name}",
                "inputs": {"parts": "label.parts"},
                "next": "each_part",
            },
            {
                "kind": "map",
                "key": "each_part",
                "over": "label.parts",
                "each": {**asking, "inputs": {"letter": "@item"}},
                "at_once": 8,
                "next": "book",
            },
            {
                "kind": "http",
                "key": "book",
                "endpoint": "ledger",
                "method": "POST",
                "path": "/bookings/{id}",
                "inputs": {"id": "$customer.id", "parts": "each_part"},
                "start_within_s": 5400,
                "compensate": {
                    "kind": "http",
                    "endpoint": "ledger",
                    "method": "DELETE",
                    "path": "/bookings/{booking}",
                    "inputs": {"booking": "book.id"},
                },
                "next": "by_label",
            },
            {
                "kind": "branch",
                "key": "by_label",
                "on": "label.label",
                "cases": [{"equals": "card", "next": "paid"}, {"equals": "loan", "next": "ask"}],
            },
            {
                "kind": "wait_event",
                "key": "paid",
                "event": "payment.received",
                "timeout_s": 172_800,
                "on_timeout": "ask",
                "next": "rest",
            },
            {
                "kind": "human_task",
                "key": "ask",
                "task": "choose",
                "title": "Pay it back?",
                "instructions": "Read the letter first.",
                "choices": ["pay", "refuse"],
                "inputs": {"letter": "$letter"},
                "team": "complaints",
                "escalate_to": "heads",
                "escalate_after_s": 3600,
                "timeout_s": 86_400,
                "next": "rest",
            },
            {"kind": "timer", "key": "rest", "seconds": 5400, "next": "answer"},
            {
                "kind": "subrun",
                "key": "answer",
                "workflow": pin(inner),
                "inputs": {"letter": "$letter"},
                "next": "send",
            },
            {
                "kind": "http",
                "key": "send",
                "endpoint": "post-office",
                "method": "POST",
                "inputs": {"text": "answer"},
                "irreversible": "A letter that was sent cannot be taken back.",
            },
        ],
        "start": "label",
        "output": "answer",
        "deadline_s": 1_209_600,
    }


def make_every_kind(company: Company, **changed: Any) -> Version:
    """A version of it; `changed` is laid over the draft."""
    return make_version(company, "workflow", {**every_kind(company), **changed})
