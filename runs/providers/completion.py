"""Reading a chat completion: only what has the right shape gets through."""

from dataclasses import dataclass, replace
from typing import Any

import orjson

from runs.providers.errors import MalformedAnswer

LONGEST_NAME = 200
MOST_TOKENS = 100_000_000  # a figure beyond is no count; at the dearest price this many still have a cost


@dataclass(frozen=True)
class Completion:
    """The model's answer and what the server reported about it; token counts are None when it told none."""

    text: str
    finish_reason: str
    tokens_in: int | None
    tokens_out: int | None
    reported_model: str
    response_id: str
    body: bytes


def completion(body: bytes) -> Completion:
    """The completion in a response's body. Raises `MalformedAnswer` saying what is missing or wrong."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as problem:
        raise MalformedAnswer(f"The answer is not JSON: {problem}.", body=body) from problem
    if not isinstance(found, dict):
        raise MalformedAnswer("The answer is not a JSON object.", body=body)
    choices = found.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    told = found.get("usage")
    usage: dict[str, Any] = told if isinstance(told, dict) else {}
    answer = Completion(
        text="",
        finish_reason=_label(choice.get("finish_reason")),
        tokens_in=_count(usage.get("prompt_tokens")),
        tokens_out=_count(usage.get("completion_tokens")),
        reported_model=_label(found.get("model")),
        response_id=_label(found.get("id")),
        body=body,
    )
    try:
        return replace(answer, text=_text(choice, body))
    except MalformedAnswer as problem:
        problem.answer = answer if usage else None  # without a text it is billed all the same
        raise


def _text(choice: dict[str, Any], body: bytes) -> str:
    if not choice:
        raise MalformedAnswer("The answer has no “choices”.", body=body)
    message = choice.get("message")
    text = message.get("content") if isinstance(message, dict) else None
    if not isinstance(text, str):
        raise MalformedAnswer("The answer has no text in “choices[0].message.content”.", body=body)
    if not text:
        raise MalformedAnswer("The model answered with no text at all.", body=body)
    if "\x00" in text:
        raise MalformedAnswer("The answer contains a NUL character.", body=body)
    return text


def _label(value: Any) -> str:
    """A name that the server reported, fit to be stored; it is evidence, not an instruction."""
    return value.replace("\x00", "")[:LONGEST_NAME] if isinstance(value, str) else ""


def _count(value: Any) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value <= MOST_TOKENS else None
