"""Which workers execute a step: those for what waits for others, or those for what computes."""

from governance.catalog.calls import FunctionCall
from runs.durable.visits import Visit
from runs.functions.registry import registered
from runs.records.models import Run


def pool_of(visit: Visit) -> str:
    """The pool of the visit's step; nodes that only wait or choose are executed wherever the run is."""
    if visit.call is None:
        return visit.held.pool
    known = registered(visit.call.function) if isinstance(visit.call, FunctionCall) else None
    return (Run.Pool.CPU if known is not None and known.computes else Run.Pool.IO).value
