"""How much time an attempt has left."""

import time
from dataclasses import dataclass, field

from runs.durable.visits import Visit

TICK = 0.01  # a timer may ring as much too soon


@dataclass(frozen=True)
class Allowance:
    """The time that the node allows one attempt, counted from its start; None when it sets no limit."""

    seconds: float | None
    began: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, visit: Visit) -> "Allowance":
        """The allowance of the visit's attempt, which begins now."""
        limit = visit.call.timeout_s if visit.call else None
        return cls(None if limit is None else float(limit))

    @property
    def left(self) -> float | None:
        """Seconds until the attempt has to end; 0 when it should have ended."""
        if self.seconds is None:
            return None
        return max(0.0, self.began + self.seconds - time.monotonic())

    @property
    def used_up(self) -> bool:
        """Whether the attempt should have ended."""
        return self.left is not None and self.left < TICK
