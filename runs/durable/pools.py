"""Which workers execute a step: those for what waits for others, or those for what computes."""

from governance.catalog.calls import Call, FunctionCall
from governance.catalog.workflows import WorkflowContent, call_of
from runs.durable.visits import Visit
from runs.functions.registry import registered
from runs.records.models import Run


def pool_of(visit: Visit) -> str:
    """The pool of the visit's step; nodes that only wait or choose are executed wherever the run is."""
    if visit.call is None:
        return visit.held.pool
    return _pool(visit.call)


def pool_at(workflow: WorkflowContent, key: str) -> str:
    """The pool in which a run that begins at this node waits."""
    return _pool(call_of(workflow.node(key)))


def _pool(call: Call | None) -> str:
    known = registered(call.function) if isinstance(call, FunctionCall) else None
    return (Run.Pool.CPU if known is not None and known.computes else Run.Pool.IO).value
