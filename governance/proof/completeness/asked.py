"""A report that somebody waits for: of a log of their own, and of no more than can be looked at meanwhile."""

from typing import Final
from uuid import UUID

from governance.errors import NotAllowed, NotVisible, WrongState
from governance.ledger.reaching import reached
from governance.ledger.services import Actor
from governance.proof.completeness.report import Report, gaps
from governance.proof.completeness.spans import span_of
from governance.proof.models import Checkpoint
from governance.proof.querysets import INSTALLATION, logs_visible_to

MOST_ENTRIES: Final = 50_000
MOST_EVENTS: Final = 200_000
MOST_LOOKS: Final = 10


def may_ask(log: UUID, actor: Actor) -> bool:
    """Whether the actor owns the log's organisation; of the installation's, whoever sees it."""
    return log in reached(actor).owned | {INSTALLATION}


def looked_at(log: UUID, *, actor: Actor, since: int | None = None, until: int | None = None) -> Report:
    """The report between two checkpoints; without `since`, as far back as is looked at.

    Raises `NotVisible`, `NotAllowed` unless the actor owns the log's organisation, `Invalid` where there is
    no such checkpoint, `WrongState` for more entries than are looked at.
    """
    if log not in logs_visible_to(actor):
        raise NotVisible("There is no such log.")
    if not may_ask(log, actor):
        said = "This needs a platform owner of the organisation: what is missing may be anybody's."
        raise NotAllowed(said, missing="platform owner")
    span = span_of(log, since=_recent(log, until) if since is None else since, until=until)
    if span.entries > MOST_ENTRIES:
        raise WrongState(
            f"These are {span.entries:,} entries; at most {MOST_ENTRIES:,} are looked at here. "
            "`manage.py ledger gaps` looks at all."
        )
    [report] = gaps(span, most_events=MOST_EVENTS, most_looks=MOST_LOOKS)
    return report


def _recent(log: UUID, until: int | None) -> int:
    """The earliest checkpoint from which no more than can be looked at lies up to that of this size."""
    signed = Checkpoint.objects.of(log)
    last = until or signed.values_list("size", flat=True).first() or 0
    if last <= MOST_ENTRIES:
        return 0
    return (
        signed.filter(size__gte=last - MOST_ENTRIES, size__lt=last).values_list("size", flat=True).last() or 0
    )
