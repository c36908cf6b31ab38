"""Numbers of a session that no event has, or that two have, and the events beside them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from governance.proof.findings import Finding
from governance.proof.reading import position_of

GAP, DOUBLE = "source_gap", "source_double"


class Place(NamedTuple):
    """An event, the log that it belongs to, and its time."""

    event: UUID
    log: UUID
    at: datetime


class Wanted(NamedTuple):
    """Numbers of a session, `low` to `high`. So many `events` of them settle the matter; or it is `certain`
    that none are elsewhere."""

    source: str
    low: int
    high: int
    events: int
    certain: bool


@dataclass(frozen=True, slots=True)
class Hole:
    """What no event has, or two have: the numbers `first` to `last` of a session; the events beside."""

    code: str
    source: str
    first: int
    last: int
    beside: tuple[Place, ...]

    @property
    def said(self) -> str:
        """For people."""
        session = f"of the database session {self.source}"
        if self.code == DOUBLE:
            return f"Several events have the number {self.first:,} {session}."
        if self.first == self.last:
            return f"Event {self.first:,} {session} is gone, or never was."
        return f"Events {self.first:,} to {self.last:,} {session} are gone, or never were."

    def findings(self) -> Iterator[Finding]:
        """One for each log with an event beside it: of which log the missing one was cannot be told."""
        told: set[UUID | None] = set()
        for place in self.beside:
            if place.log not in told:
                told.add(place.log)
                stands = position_of(place.event)
                position = stands.position if stands else None
                yield Finding(self.code, self.said, place.log, position, place.event, place.at)
        if not told:
            yield Finding(self.code, self.said)


class Found:
    """The events that were found, by session and number."""

    def __init__(self) -> None:
        self._places: dict[str, dict[int, set[Place]]] = {}

    def add(self, statement: str, given: Mapping[str, Any], wanted: Sequence[Wanted]) -> None:
        """What the statement finds of these, and the event before the first and after the last of them."""
        asked: dict[str, list[Any]] = {
            "sources": [row.source for row in wanted],
            "lows": [row.low - 1 for row in wanted],
            "highs": [row.high + 1 for row in wanted],
        }
        with connection.cursor() as cursor:
            cursor.execute(statement, {**given, **asked})
            for source, number, event, log, at in cursor.fetchall():
                numbers = self._places.setdefault(source, {})
                numbers.setdefault(number, set()).add(Place(event, log, at))

    def settles(self, wanted: Wanted) -> bool:
        """Whether as many were found as there must be: to look further would find none of them."""
        return sum(len(places) for _, places in self.of(wanted)) >= wanted.events

    def of(self, wanted: Wanted) -> list[tuple[int, set[Place]]]:
        """Those within the numbers that are wanted, in order."""
        numbers = self._places.get(wanted.source, {})
        return sorted(
            (number, places) for number, places in numbers.items() if wanted.low <= number <= wanted.high
        )

    def at(self, source: str, number: int) -> set[Place]:
        """The events of this number."""
        return self._places.get(source, {}).get(number, set())


def holes_in(wanted: Wanted, found: Found) -> Iterator[Hole]:
    """What was not found of what is wanted, and what was found twice, by number."""
    expected = wanted.low
    for number, places in [*found.of(wanted), (wanted.high + 1, set[Place]())]:
        if number > expected:
            beside = found.at(wanted.source, expected - 1) | found.at(wanted.source, number)
            yield Hole(GAP, wanted.source, expected, number - 1, _in_order(beside))
        if len(places) > 1:
            yield Hole(DOUBLE, wanted.source, number, number, _in_order(places))
        expected = number + 1


def _in_order(places: set[Place]) -> tuple[Place, ...]:
    return tuple(sorted(places, key=lambda place: (place.at, place.event), reverse=True))
