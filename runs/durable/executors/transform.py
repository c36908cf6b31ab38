"""The `transform` node: a value computed from recorded values by an expression."""

from typing import Any, cast

from jmespath.exceptions import JMESPathError

from governance.catalog.calls import TransformCall
from governance.errors import Invalid
from runs.artifacts.store import json_content
from runs.durable.expressions import TooMuchWork, evaluate
from runs.durable.failures import MENDED_BY, StepFailed
from runs.durable.outcomes import Outcome
from runs.durable.visits import Visit, classification_of, is_masked

LARGEST_OUTPUT = 1_000_000


def transform(visit: Visit) -> Outcome:
    """Evaluate the expression over the object of the inputs. Raises `StepFailed`, which is always final.

    No clock limits it: the steps that it may take and the size of what it may make are counted.
    """
    value = _evaluated(cast(TransformCall, visit.call), visit)
    try:
        output = json_content(value, max_bytes=LARGEST_OUTPUT, what="The result")
    except Invalid as problem:
        raise _failed(
            "output_refused", "The expression's result cannot be recorded", problem.message
        ) from None
    return Outcome(
        kind="transform", inputs=visit.inputs, output=output, classification=classification_of(visit)
    )


def _evaluated(call: TransformCall, visit: Visit) -> Any:
    try:
        return evaluate(call.expression, {found.name: found.value for found in visit.inputs})
    except TooMuchWork as problem:
        raise _failed(
            "too_much_work", "The expression asks for too much", f"Stopped, as {problem}."
        ) from None
    except RecursionError:
        raise _failed("expression_refused", "The expression is nested too deep", "") from None
    except (JMESPathError, ValueError, TypeError) as problem:
        said = type(problem).__name__ if is_masked(visit) else str(problem).replace("\n", " ")[:500]
        raise _failed("expression_failed", "The expression could not be evaluated", f"{said}.") from problem


def _failed(code: str, title: str, detail: str) -> StepFailed:
    return StepFailed(code, title, f"{detail} {MENDED_BY}".strip(), final=True)
