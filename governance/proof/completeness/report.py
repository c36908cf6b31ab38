"""That no run and no event is missing between two checkpoints: what was compared, and what was found."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from governance.errors import WrongState
from governance.proof.completeness.numbers import Counted, Sessions
from governance.proof.completeness.pairs import Pairs, all_events, registered
from governance.proof.completeness.spans import Span
from governance.proof.completeness.statements import read
from governance.proof.findings import Finding
from governance.proof.models import Checkpoint
from governance.proof.rehashing import missing

POSITIONS, MISSING = read("positions"), read("missing")
SETTINGS: Final = "SET LOCAL jit = off; SET LOCAL work_mem = '96MB'"
BETWEEN: Final = (
    "SELECT count(*) FROM (SELECT FROM ledger_event WHERE xid BETWEEN %s AND %s LIMIT %s) AS found"
)
LIMIT: Final = (
    "Each database session numbers its events without a gap, so that what is taken away leaves a hole. But "
    "the last events of a session, taken away together with their rows before they had a position in the "
    "log, leave none. Whether the entries are those that were signed is for verification to tell."
)


@dataclass(frozen=True, slots=True)
class Compared:
    """How many rows of a kind were looked for among the events, and how many events among the rows."""

    what: str
    rows: int
    events: int


@dataclass(slots=True)
class Report:
    """What was looked at in a stretch of a log, and what is missing there."""

    span: Span
    entries: int = 0
    unnumbered: int = 0
    counted: Counted = field(default_factory=Counted)
    compared: list[Compared] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether nothing was found missing."""
        return not self.findings

    def plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "log": str(self.span.log),
            "origin": self.span.origin,
            "since": _signed(self.span.since, 0),
            "until": _signed(self.span.until, self.span.end),
            "complete": self.complete,
            "entries": self.entries,
            "sessions": len(self.counted.sessions),
            "sessions_unresolved": self.counted.unresolved,
            "events_before_numbers": self.unnumbered,
            "compared": [
                {"what": found.what, "rows": found.rows, "events": found.events} for found in self.compared
            ],
            "findings": [found.plain() for found in self.findings],
            "limit": LIMIT,
        }


def gaps(*spans: Span, most_events: int | None = None, most_looks: int | None = None) -> list[Report]:
    """A report for each stretch, of several logs; the numbers of sessions are compared over all at once.

    At most so many events of the installation are looked at (`WrongState` where they are more), and so many
    times 50,000 before them for the earlier ones of their sessions.
    """
    with _settings():
        reports = [Report(span) for span in spans]
        within = [found for report in reports if (found := _positions(report)) is not None]
        if not within:
            return reports
        first, last = min(low for low, _ in within), max(high for _, high in within)
        _refuse_more(first, last, most_events)
        counted = Sessions(most_looks=most_looks).of_transactions(
            first - 1, last, [span.log for span in spans]
        )
        for report in reports:
            report.counted = counted
            report.findings += _holes(counted, report.span.log, alone=len(spans) == 1)
            _compare(report)
    return reports


@contextmanager
def _settings() -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SETTINGS)
        yield


def _positions(report: Report) -> tuple[int, int] | None:
    """Whether each position has its entry and each entry its event; the transactions that they are of."""
    span = report.span
    given = {"log": span.log, "first": span.first, "end": span.end}
    [(entries, events, report.unnumbered, low, high)] = _rows(POSITIONS, given)
    report.entries = entries
    if entries != span.entries or events != entries:
        report.findings += [missing(span.log, *row) for row in _rows(MISSING, given)]
    return None if low is None else (low, high)


def _refuse_more(first: int, last: int, most: int | None) -> None:
    if most is not None:
        [(found,)] = _rows(BETWEEN, [first, last, most + 1])
        if found > most:
            raise WrongState(
                f"More than {most:,} entries lie there, other logs' included: ask `manage.py ledger gaps`."
            )


def _holes(counted: Counted, log: UUID, *, alone: bool) -> Iterator[Finding]:
    """Those beside which this log has an event; those that have none, where it was asked about alone."""
    for hole in counted.holes:
        yield from (found for found in hole.findings() if found.log == log or (alone and found.log is None))


def _compare(report: Report) -> None:
    """Rows without an event, and events without a row."""
    span = report.span
    given = {"log": span.log, "first": span.first, "end": span.end}
    told = {what: found for what, *found in _rows(all_events(), given)}
    for pairs in registered():
        events, alone, places = told[pairs.what]
        if alone:
            said = f"{alone:,} of {events:,} events of {pairs.what} have no row."
            [(position, event)] = places
            report.findings.append(Finding("row_lacking", said, span.log, int(position), UUID(event)))
        report.compared.append(Compared(pairs.what, _told_of(pairs, report), events))


def _told_of(pairs: Pairs, report: Report) -> int:
    low, high = report.span.identifiers
    [(rows, untold, which)] = _rows(pairs.rows, {"log": report.span.log, "low": low, "high": high})
    if untold:
        said = f"{untold:,} of {rows:,} {pairs.what} have no event, {which[0]} first."
        report.findings.append(Finding("event_lacking", said, report.span.log))
    return int(rows)


def _signed(checkpoint: Checkpoint | None, size: int) -> dict[str, Any]:
    if checkpoint is None:
        return {"size": size, "signed": None, "root_hash": None}
    root = bytes(checkpoint.root).hex()
    return {"size": checkpoint.size, "signed": checkpoint.at.isoformat(), "root_hash": root}


def _rows(statement: str, given: Mapping[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
