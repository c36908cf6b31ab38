"""Which steps are committed together: those that do nothing to the world outside and take no time.

Nothing is lost by it: until its commit a step has not happened, and such a step may be repeated freely.
"""

import time
from collections.abc import Sequence

from governance.catalog.calls import Call, effect_of
from governance.catalog.workflows import AnyNode, WorkflowContent, call_of
from runs.durable.told import Told
from runs.durable.visits import Visit

QUICK_KINDS = frozenset({"function", "transform", "branch"})
MOST_STEPS = 50
LONGEST_SECONDS = 0.05
MOST_BYTES = 1_000_000


def is_quick(visit: Visit) -> bool:
    """Whether the step's commit may wait for those of the steps after it."""
    return _is_quick(visit.node, visit.call)


def is_quick_throughout(workflow: WorkflowContent) -> bool:
    """Whether a run of it is, as far as its definition tells, soon over."""
    return all(node.kind in QUICK_KINDS and _is_quick(node, call_of(node)) for node in workflow.nodes)


def _is_quick(node: AnyNode, call: Call | None) -> bool:
    if call is None:
        return node.kind in QUICK_KINDS
    plain = call.timeout_s is None and call.remember is None and getattr(node, "compensate", None) is None
    return plain and str(getattr(call, "kind", "")) in QUICK_KINDS and effect_of(call) == "none"


def is_full(told: Sequence[Told]) -> bool:
    """Whether it is time to commit them."""
    size = sum(len(step.outcome.output.body) for step in told if step.outcome.output)
    return len(told) >= MOST_STEPS or size > MOST_BYTES or time.monotonic() - told[0].began > LONGEST_SECONDS
