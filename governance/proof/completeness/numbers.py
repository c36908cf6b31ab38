"""The numbers that each database session gives its events: none is left out, and none is given twice.

They are given from 1 on and go back with what is rolled back, so whoever takes an event away leaves a hole. A
session serves several organisations: its numbers are compared over all logs, whichever log is asked about.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection

from governance.proof.completeness.holes import Found, Hole, Wanted, holes_in
from governance.proof.completeness.statements import (
    AT_POSITIONS,
    EARLIER,
    END_OF_PART,
    OF_TRANSACTIONS,
    START_OF_PART,
    Part,
)  # fmt: skip

MOST_AT_A_TIME: Final = 200_000
MOST_LOOKED_BACK: Final = 50_000
MOST_REMEMBERED: Final = 100_000
MOST_TOLD: Final = 20
NEWEST: Final = UUID(int=2**128 - 1)
OLDEST: Final = UUID(int=0)


class Told(NamedTuple):
    """What one session told in a part of the ledger; `own` are the events of the logs asked about."""

    source: str
    low: int
    high: int
    numbers: int
    events: int
    own: int


@dataclass(slots=True)
class Counted:
    """Which sessions and how many events of the logs asked about were compared, and what was found.

    `unresolved` are sessions whose events before this part lie further back than was looked.
    """

    sessions: set[str] = field(default_factory=set)
    events: int = 0
    unresolved: int = 0
    holes: list[Hole] = field(default_factory=list)


class Sessions:
    """Compares part after part, and remembers the last number of each session."""

    def __init__(self, *, most_looks: int | None = None) -> None:
        self._most_looks = most_looks
        self._last: dict[str, int] = {}

    def of_transactions(self, after: int, until: int, logs: Sequence[UUID]) -> Counted:
        """The events of the transactions after one, up to and with another; some at a time."""
        counted = Counted()
        while after < until:
            end = _asked(END_OF_PART, [after, until, MOST_AT_A_TIME]) or until
            given = {"after": after, "until": end, "logs": [*logs]}
            self._compare(OF_TRANSACTIONS, given, counted, whole=True)
            after = end
        return counted

    def at_positions(self, parts: Iterable[tuple[UUID, int, int]]) -> Counted:
        """The events of these stretches of logs, each from a position up to and without another."""
        logs, firsts, ends = ([*column] for column in zip(*parts, strict=True))
        given = {"parts": logs, "firsts": firsts, "ends": ends, "logs": logs}
        self._compare(AT_POSITIONS, given, counted := Counted(), whole=False)
        return counted

    def _compare(self, part: Part, given: Mapping[str, Any], counted: Counted, *, whole: bool) -> None:
        """In a part of `whole` transactions what is between two events of a session is nowhere else."""
        with connection.cursor() as cursor:
            cursor.execute(part.counted, given)
            told = [Told(*row) for row in cursor.fetchall()]
        counted.sessions |= {row.source for row in told if row.own}
        counted.events += sum(row.own for row in told)
        wanted = [asked for row in told for asked in self._doubts(row, whole=whole)]
        found = Found()
        if wanted:
            found.add(part.found, given, wanted)
            open_to_doubt = {*self._look_back(found, [asked for asked in wanted if not asked.certain])}
            counted.unresolved += len(open_to_doubt)
            for asked in wanted:
                counted.holes += [] if asked in open_to_doubt else holes_in(asked, found)
            del counted.holes[MOST_TOLD:]
        self._remember(told)

    def _doubts(self, row: Told, *, whole: bool) -> Iterator[Wanted]:
        """The numbers of which it is not plain that each was told once."""
        known, source = self._last.get(row.source), row.source
        if known is None and row.low > 1:
            yield Wanted(source, row.low - 1, row.low - 1, 1, certain=False)
        elif known is not None and row.low <= known:  # told before, or this part's order is not theirs
            high = min(known, row.high)
            yield Wanted(source, row.low, high, 2 * (high - row.low + 1), certain=False)
        low = row.low if known is None else min(known + 1, row.low)
        doubled = row.events - row.numbers
        if doubled or row.numbers != row.high - low + 1:
            yield Wanted(source, low, row.high, row.high - low + 1 + doubled, certain=whole)

    def _look_back(self, found: Found, wanted: Sequence[Wanted]) -> Sequence[Wanted]:
        """Look for them among all events, the newest first; those for which it was not looked far enough."""
        before, looks = NEWEST, 0
        while missing := [asked for asked in wanted if not found.settles(asked)]:
            if before == OLDEST:
                return []
            if looks == self._most_looks:
                return missing
            start = _asked(START_OF_PART, [before, MOST_LOOKED_BACK]) or OLDEST
            found.add(EARLIER, {"before": before, "from": start}, missing)
            before, looks = start, looks + 1
        return []

    def _remember(self, told: Iterable[Told]) -> None:
        """The sessions that told something last are the last to be forgotten."""
        for row in told:
            self._last[row.source] = max(row.high, self._last.pop(row.source, 0))
        for source in [*self._last][:-MOST_REMEMBERED]:
            del self._last[source]


def _asked(statement: str, given: Sequence[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        row = cursor.fetchone()
    return row and row[0]
