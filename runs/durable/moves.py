"""Where a run goes from a checkpoint."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from governance.ledger.kinds import Kind
from runs.durable.machine import ENDED, State
from runs.durable.outcomes import Wait
from runs.records.failure import Failure
from runs.records.models import Run


@dataclass(frozen=True)
class Move:
    """The state and node that a run comes to, and the event that says so (none while it runs on).

    `attempt` is of that node; `skip` leaves positions out that failed attempts have used. With `nudges` the
    run moves only if its row still has so many; `begin` runs in the same transaction.
    """

    state: str
    cursor: str
    attempt: int = 1
    skip: int = 0
    held: bool = False
    waits_for: str = ""
    wake_in: float | None = None
    wake_at: datetime | None = None
    nudges: int | None = None
    failure: Failure | None = None
    output: UUID | None = None
    pool: str | None = None
    event: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)
    begin: Callable[[], None] | None = None

    @property
    def ends(self) -> bool:
        """Whether the run has ended with this."""
        return self.state in ENDED


ENDS: dict[State, Kind] = {
    State.SUCCEEDED: Kind.RUN_SUCCEEDED,
    State.FAILED: Kind.RUN_FAILED,
    State.CANCELLED: Kind.RUN_CANCELLED,
    State.COMPENSATED: Kind.RUN_COMPENSATED,
    State.COMPENSATION_FAILED: Kind.RUN_COMPENSATION_FAILED,
    State.NEEDS_REVIEW: Kind.RUN_NEEDS_REVIEW,
}


def onward(cursor: str) -> Move:
    """To the next node, under the same lease."""
    return Move(State.RUNNING, cursor, held=True)


def succeeded(node: str, output: UUID | None) -> Move:
    """To the end, with the run's output."""
    about = {"output": str(output or ""), "node": node}
    return Move(State.SUCCEEDED, "", output=output, event=Kind.RUN_SUCCEEDED, about=about)


def stopped(state: State, cursor: str, failure: Failure, *, attempt: int = 1) -> Move:
    """To a stop for this reason: failed, cancelled, to be reviewed, or not wholly compensated."""
    about = {"code": failure.code, "title": failure.title, "node": failure.node}
    return Move(state, cursor, attempt, failure=failure, event=ENDS[state], about=about)


def retried(cursor: str, failure: Failure, *, attempt: int, delay: float) -> Move:
    """To the next attempt of the same node, after a delay in seconds."""
    about = {
        "for": "retry",
        "node": cursor,
        "attempt": attempt,
        "delay_ms": round(delay * 1000),
        "code": failure.code,
    }
    return Move(
        State.WAITING,
        cursor,
        attempt,
        waits_for=Run.WaitsFor.RETRY,
        wake_in=delay,
        failure=failure,
        event=Kind.RUN_WAITED,
        about=about,
    )


def asleep(cursor: str, wait: Wait, *, attempt: int, nudges: int, pool: str | None = None) -> Move:
    """To sleep until what the node waits for comes; it wakes in this pool."""
    return Move(
        State.WAITING,
        cursor,
        attempt,
        waits_for=wait.what,
        wake_in=wait.seconds,
        wake_at=wait.until,
        nudges=nudges,
        pool=pool,
        event=Kind.RUN_WAITED,
        about={"for": str(wait.what), "node": cursor, **wait.about},
        begin=wait.begin,
    )


def paused(cursor: str, *, attempt: int) -> Move:
    """To a stop that an operator asked for."""
    return Move(State.PAUSED, cursor, attempt, event=Kind.RUN_PAUSED, about={"node": cursor})


def handed_over(cursor: str, *, attempt: int, pool: str) -> Move:
    """To another worker, at once."""
    return Move(State.READY, cursor, attempt, pool=pool)


def undone_from(cursor: str, failure: Failure | None, *, skip: int = 0) -> Move:
    """To the compensation of what was done, beginning with this node."""
    about = {"node": cursor, "code": failure.code if failure else "cancelled"}
    return Move(
        State.COMPENSATING,
        cursor,
        skip=skip,
        held=True,
        failure=failure,
        event=Kind.RUN_COMPENSATING,
        about=about,
    )
