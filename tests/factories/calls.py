"""Workflows of one call: to a model, or to an HTTP endpoint."""

from typing import Any

from governance.catalog.models import Version
from tests.factories.cast import Company
from tests.factories.things import make_model, make_prompt, pin

SCHEMA = {
    "type": "object",
    "properties": {"label": {"type": "string", "enum": ["card", "loan"]}},
    "required": ["label"],
    "additionalProperties": False,
}


def asking(company: Company, *, fallback: Version | None = None, **node: Any) -> dict[str, Any]:
    """A workflow that asks a model about the letter."""
    call = {"kind": "llm", "key": "ask", "inputs": {"letter": "$letter"}, **node}
    call |= {"prompt": pin(make_prompt(company)), "model": pin(make_model(company))}
    if fallback is not None:
        call["fallback"] = pin(fallback)
    return _alone(call)


def calling_bank(**node: Any) -> dict[str, Any]:
    """A workflow that sends the letter to the endpoint `bank`."""
    call = {"kind": "http", "key": "call", "endpoint": "bank", "inputs": {"letter": "$letter"}, **node}
    return _alone(call)


def _alone(call: dict[str, Any]) -> dict[str, Any]:
    inputs = [{"name": "letter", "classification": "internal"}]
    return {"inputs": inputs, "nodes": [call], "start": call["key"], "output": call["key"]}
