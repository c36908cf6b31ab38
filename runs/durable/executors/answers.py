"""Whether a model's answer may be a step's output."""

import logging
from typing import Any

from jsonschema import Draft202012Validator

from governance.errors import Invalid
from governance.ledger.strict_json import read_json
from runs.artifacts.store import JSON, TEXT, Content
from runs.durable.misfits import first_misfit
from runs.providers.completion import Completion
from runs.providers.errors import MalformedAnswer

log = logging.getLogger(__name__)
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
    _check(_parsed(answer), validator)
    return Content(body, JSON)


def _parsed(answer: Completion) -> Any:
    try:
        return read_json(answer.text, what="The answer")
    except Invalid as problem:
        cut = " It was cut off at the limit of tokens." if answer.finish_reason == "length" else ""
        raise MalformedAnswer(f"{problem.message}{cut}") from problem


def _check(value: Any, validator: Draft202012Validator) -> None:
    try:
        wrong = first_misfit(value, validator)
    except Exception as problem:  # the answer is paid for: whatever its check stumbles over, it is recorded
        log.warning("an output schema could not be applied", exc_info=True)
        raise MalformedAnswer(
            f"The answer cannot be checked by the step's schema ({type(problem).__name__}). "
            "Correct the workflow."
        ) from problem
    if wrong:
        raise MalformedAnswer(f"The answer does not fit the step's schema at {wrong}.")
