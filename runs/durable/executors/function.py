"""The `function` node: calling a registered function."""

import logging
from typing import Any, cast

from governance.catalog.calls import FunctionCall
from governance.errors import Invalid
from runs.artifacts.store import Content, json_content
from runs.durable.failures import StepFailed
from runs.durable.impatience import MOST_ABANDONED, TookTooLong, TooManyAbandoned, within
from runs.durable.keys import idempotency_key
from runs.durable.outcomes import Outcome
from runs.durable.visits import Visit, classification_of, is_masked
from runs.functions.registry import KEY, StepFunction, registered

log = logging.getLogger(__name__)
LARGEST_OUTPUT = 1_000_000


def call_function(visit: Visit) -> Outcome:
    """Call the function with its inputs and settings; its value is the output. Raises `StepFailed`."""
    node, inputs = cast(FunctionCall, visit.call), visit.inputs
    known = registered(node.function)
    if known is None:
        raise LookupError(f"{node.function} is not registered: who lacks it sets the run aside before")
    return Outcome(
        kind="function",
        inputs=inputs,
        output=_called(known, visit, node),
        classification=classification_of(visit),
        function=node.function,
        labels={"function": node.function},
        facts={"source_sha256": known.source_sha256},
    )


def _value(known: StepFunction, visit: Visit, node: FunctionCall) -> Any:
    """What the function returns, within the time that its node allows, if it sets a limit."""
    given = {**{found.name: found.value for found in visit.inputs}, **node.settings}
    if known.keyed:
        given[KEY] = idempotency_key(visit)
    if node.timeout_s is None:
        return known.body(**given)
    return within(node.timeout_s, lambda: known.body(**given), name=node.function)


def _raised(problem: Exception, visit: Visit, node: FunctionCall) -> str:
    """What it raised. Its words may quote what it read, which is not told where that is masked."""
    said = "" if is_masked(visit) else f": {str(problem)[:500]}"
    return f"“{node.function}” raised {type(problem).__name__}{said}."


def _called(known: StepFunction, visit: Visit, node: FunctionCall) -> Content:
    try:
        value = _value(known, visit, node)
    except TookTooLong:
        raise StepFailed(
            "timed_out",
            "The function did not end in its time",
            f"“{node.function}” had not returned after {node.timeout_s} seconds. What it returns later is "
            "thrown away.",
        ) from None
    except TooManyAbandoned:
        raise StepFailed(
            "worker_clogged",
            "The worker has too many functions that do not end",
            f"{MOST_ABANDONED} calls are still running after their time, so “{node.function}” was not "
            "called. Restart the worker, and find out why they do not end.",
        ) from None
    except Exception as problem:  # whatever a function raises is its step's failure, not the worker's
        log.warning("function %s failed", node.function, exc_info=True)
        raise StepFailed("function_failed", "The function failed", _raised(problem, visit, node)) from problem
    try:
        return json_content(value, max_bytes=LARGEST_OUTPUT, what="The output")
    except Invalid as problem:
        raise StepFailed(
            "output_refused",
            "The function's output cannot be recorded",
            f"What “{node.function}” returned cannot be recorded: {problem.message}",
            final=True,
        ) from problem
