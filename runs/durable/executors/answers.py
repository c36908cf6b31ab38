"""Whether a model's answer may be a step's output."""

import json
from typing import Any, NoReturn

import orjson
from jsonschema import Draft202012Validator

from runs.artifacts.store import JSON, TEXT, Content, has_nul
from runs.providers.completion import Completion
from runs.providers.errors import MalformedAnswer

LARGEST_OUTPUT = 1_000_000


def checked_answer(answer: Completion, validator: Draft202012Validator | None) -> Content:
    """The answer's exact text as the step's output; with a validator it must be JSON of that schema.

    Raises `MalformedAnswer` saying what is wrong and where.
    """
    body = answer.text.encode("utf-8")
    if len(body) > LARGEST_OUTPUT:
        raise MalformedAnswer(f"The answer has {len(body):,} bytes; {LARGEST_OUTPUT:,} are allowed.")
    if validator is None:
        return Content(body, TEXT)
    value = _parsed(answer)
    wrong = next(iter(sorted(validator.iter_errors(value), key=lambda found: found.json_path)), None)
    if wrong is not None:
        raise MalformedAnswer(
            f"The answer does not fit the step's schema at {wrong.json_path}: {wrong.message[:300]}."
        )
    return Content(body, JSON)


def _parsed(answer: Completion) -> Any:
    try:
        # The standard parser tells of doubled names; orjson refuses NaN, lone surrogates and deep nesting.
        json.loads(answer.text, object_pairs_hook=_once, parse_constant=_no_number)
        value = orjson.loads(answer.text)
    except (ValueError, RecursionError) as problem:
        cut = " It was cut off at the limit of tokens." if answer.finish_reason == "length" else ""
        raise MalformedAnswer(
            f"The answer is not the JSON that the step asks for: {problem}.{cut}"
        ) from problem
    if has_nul(value):
        raise MalformedAnswer("The answer contains a NUL character.")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
