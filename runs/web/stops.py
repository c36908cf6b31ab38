"""When and for what a run stood still, read from its entries in the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from runs.durable.machine import HELD_UP, State
from runs.insight.mishaps import Interruption, Mishap
from runs.records.models import Run

MOST: Final = 400
BEGINNINGS: Final = {
    Kind.RUN_WAITED: "",
    Kind.RUN_PAUSED: "paused",
    Kind.RUN_NEEDS_REVIEW: "under review",
}
ENDINGS: Final = (Kind.RUN_CLAIMED, Kind.RUN_CANCELLED, Kind.RUN_COMPENSATING, Kind.RUN_FAILED)
WAITS: Final = {
    "timer": "for its time",
    "event": "for a signal",
    "person": "for a person",
    "parts": "for its parts",
    "limit": "for room",
    "worker": "for a capable worker",
}
STANDING: Final = HELD_UP | {State.WAITING}


@dataclass(frozen=True)
class Stop:
    """From when until when the run stood still at a node, and what for; `until` is None while it does."""

    node: str
    since: datetime
    until: datetime | None
    words: str


def stops_of(run: Run) -> list[Stop]:
    """The newest of the run's stops, in their order; in one query."""
    wanted = (*BEGINNINGS, *ENDINGS)
    newest = list(Event.objects.of_run(run.pk).filter(kind__in=wanted).reverse()[:MOST])
    found: list[Stop] = []
    begun: Event | None = None
    for event in reversed(newest):
        if begun is not None:
            found.append(_stop(begun, event.at))
        begun = event if event.kind in BEGINNINGS else None
    if begun is not None and run.state in STANDING:
        found.append(_stop(begun, None))
    return found


def _stop(begun: Event, until: datetime | None) -> Stop:
    details = begun.details
    return Stop(str(details.get("node", "")), begun.at, until, _words(begun.kind, details))


def _words(kind: str, details: dict[str, Any]) -> str:
    what = str(details.get("for", ""))
    if what == "retry":
        return f"until attempt {details.get('attempt', '')}"
    return WAITS.get(what, "") or BEGINNINGS.get(Kind(kind), "")


def broken_off(mishaps: Sequence[Mishap]) -> list[Stop]:
    """Of each interruption the time of which nothing is known, and until another worker came."""
    found = []
    for mishap in mishaps:
        if isinstance(mishap, Interruption):
            found.append(Stop(mishap.node, mishap.since, mishap.at, "interrupted, nothing was recorded"))
            found.append(Stop(mishap.node, mishap.at, mishap.taken_up, "for another worker"))
    return [stop for stop in found if stop.until != stop.since]
