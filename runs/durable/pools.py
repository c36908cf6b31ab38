"""Which workers execute a step: those for what waits for others, or those for what computes."""

from governance.catalog.calls import Call, FunctionCall
from governance.catalog.workflows import MapNode, WorkflowContent, call_of
from runs.durable.visits import Visit
from runs.functions.registry import registered
from runs.records.models import Run


def pool_of(visit: Visit) -> str:
    """The pool of the visit's step; nodes that only wait or choose are executed wherever the run is."""
    return visit.held.pool if visit.call is None else pool_for(visit.call, otherwise=visit.held.pool)


def pool_asleep(visit: Visit) -> str:
    """The pool in which the run waits and is woken: a node that only waits computes nothing then either."""
    return Run.Pool.IO.value if visit.call is None else visit.held.pool


def pool_at(workflow: WorkflowContent, key: str) -> str:
    """The pool in which a run that begins at this node waits."""
    node = workflow.node(key)
    call = None if isinstance(node, MapNode) else call_of(node)
    return Run.Pool.IO.value if call is None else pool_for(call)


def pool_for(call: Call, *, otherwise: str = Run.Pool.IO.value) -> str:
    """The pool of the call; `otherwise` of a function that this process does not know."""
    if not isinstance(call, FunctionCall):
        return Run.Pool.IO.value
    known = registered(call.function)
    if known is None:
        return otherwise
    return Run.Pool.CPU.value if known.computes else Run.Pool.IO.value
