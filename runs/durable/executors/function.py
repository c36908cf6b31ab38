"""The `function` node: calling a registered function."""

import logging
from typing import cast

from governance.catalog.calls import FunctionCall
from governance.errors import Invalid
from runs.artifacts.store import Content, json_content
from runs.durable.failures import StepFailed
from runs.durable.outcomes import Outcome
from runs.durable.visits import Visit, classification_of
from runs.functions.registry import StepFunction, registered

log = logging.getLogger(__name__)
LARGEST_OUTPUT = 1_000_000


def call_function(visit: Visit) -> Outcome:
    """Call the function with its inputs and settings; its value is the output. Raises `StepFailed`."""
    node, inputs = cast(FunctionCall, visit.call), visit.inputs
    known = registered(node.function)
    if known is None:
        raise StepFailed(
            "function_unknown",
            "No worker here can run the function",
            f"“{node.function}” is not registered in this worker: set STEP_FUNCTION_MODULES, then resume.",
            final=True,
        )
    return Outcome(
        kind="function",
        inputs=inputs,
        output=_called(known, visit, node),
        classification=classification_of(visit),
        function=node.function,
        labels={"function": node.function},
        facts={"source_sha256": known.source_sha256},
    )


def _called(known: StepFunction, visit: Visit, node: FunctionCall) -> Content:
    try:
        value = known.body(**{found.name: found.value for found in visit.inputs}, **node.settings)
    except Exception as problem:  # whatever a function raises is its step's failure, not the worker's
        log.warning("function %s failed", node.function, exc_info=True)
        raise StepFailed(
            "function_failed",
            "The function failed",
            f"“{node.function}” raised {type(problem).__name__}: {str(problem)[:500]}. "
            "Resume the run when what it needs is there.",
        ) from problem
    try:
        return json_content(value, max_bytes=LARGEST_OUTPUT, what="The output")
    except Invalid as problem:
        raise StepFailed(
            "output_refused",
            "The function's output cannot be recorded",
            f"What “{node.function}” returned cannot be recorded: {problem.message}",
            final=True,
        ) from problem
