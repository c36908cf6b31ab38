"""The stretch of a log that is looked at: between two of its checkpoints, or from its beginning on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from governance.errors import Invalid
from governance.proof.log_keys import names
from governance.proof.models import Checkpoint
from governance.proof.sizes import size_of

OLDEST, NEWEST = UUID(int=0), UUID(int=2**128 - 1)
SLOW: Final = timedelta(minutes=10)  # an identifier is chosen before its transaction commits


@dataclass(frozen=True, slots=True)
class Span:
    """Between two checkpoints; None is for the beginning, and for the end of a log that was never signed."""

    log: UUID
    origin: str
    since: Checkpoint | None
    until: Checkpoint | None
    end: int
    latest: bool

    @property
    def first(self) -> int:
        """The first position of it."""
        return self.since.size if self.since else 0

    @property
    def entries(self) -> int:
        """How many positions it has."""
        return self.end - self.first

    @property
    def identifiers(self) -> tuple[UUID, UUID]:
        """Between which the identifiers of rows lie that came while it was told."""
        return (
            _at(self.since.at - SLOW) if self.since else OLDEST,
            NEWEST if self.latest or self.until is None else _at(self.until.at),
        )


def span_of(log: UUID, *, since: int | None = None, until: int | None = None) -> Span:
    """Between the checkpoints of these sizes; from the beginning on, up to the last, where none is given.

    A log that was never signed is looked at up to its size. Raises `Invalid` where there is no such
    checkpoint, or nothing between them.
    """
    signed = Checkpoint.objects.of(log)
    newest = signed.first()
    last = newest if until is None else _of_size(log, until)
    begin = _of_size(log, since) if since else None
    end = last.size if last else size_of(log)
    if begin is not None and begin.size >= end:
        raise Invalid("The first checkpoint must be smaller than the second.", fields={"from": "Too large."})
    origin = names([log]).get(log) or str(log)
    return Span(log, origin, begin, last, end, latest=last is None or last == newest)


def _of_size(log: UUID, size: int) -> Checkpoint:
    signed = Checkpoint.objects.of(log)
    found = signed.filter(size=size).first()
    if found is None:
        below = signed.filter(size__lt=size).first()
        above = signed.filter(size__gt=size).last()
        near = " and ".join(f"{checkpoint.size:,}" for checkpoint in (below, above) if checkpoint)
        said = f"There is no checkpoint at {size:,} entries" + (
            f"; the nearest are at {near}." if near else "."
        )
        raise Invalid(said, fields={"size": said})
    return found


def _at(moment: datetime) -> UUID:
    """The smallest identifier of this millisecond (RFC 9562, version 7)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
