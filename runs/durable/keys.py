"""What the outside sees of a step, so that it can tell a repeated request from another one."""

import hashlib

from runs.durable.visits import Visit


def idempotency_key(visit: Visit, *also: str) -> str:
    """The same on every attempt at the step, and another on every attempt at undoing it, whenever that is.

    `also` tells requests of one step apart that do not ask for the same.
    """
    undone = visit.compensates
    step = str(visit.position) if undone is None else f"undo {undone}"
    parts = (str(visit.held.run), visit.name, step, *also)
    return hashlib.sha256(":".join(parts).encode()).hexdigest()
