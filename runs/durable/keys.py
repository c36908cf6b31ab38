"""What the outside sees of a step, so that it can tell a repeated request from another one."""

import hashlib

from runs.durable.visits import Visit


def idempotency_key(visit: Visit, *also: str) -> str:
    """The same on every attempt at the step; undoing it is another step.

    `also` tells requests of one step apart that do not ask for the same.
    """
    parts = (str(visit.held.run), visit.name, str(visit.position), *also)
    return hashlib.sha256(":".join(parts).encode()).hexdigest()
