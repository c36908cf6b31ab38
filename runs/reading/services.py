"""Opening contents: first the ticket, committed; then, with it, the bytes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from governance.accounts.models import User
from governance.errors import NotAllowed
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from runs.artifacts.models import Artifact
from runs.artifacts.opening import Beginning, beginnings_of, bytes_of, released
from runs.reading.models import Opened, Ticket
from runs.records.models import Run

LIFE: Final = timedelta(minutes=5)
EVENTS: Final = {
    Ticket.Kind.OPENED: Kind.CONTENT_OPENED,
    Ticket.Kind.REVEALED: Kind.CONTENT_REVEALED,
    Ticket.Kind.EXPORTED: Kind.CONTENT_EXPORTED,
    Ticket.Kind.LISTED: Kind.CONTENT_LISTED,
    Ticket.Kind.SEARCHED: Kind.CONTENT_SEARCHED,
}


@dataclass(frozen=True)
class About:
    """What shows the contents: its type and identifier, and the run, or at least the project, they are of."""

    type: str
    id: UUID
    run: Run | None = None
    project: UUID | None = None
    organisation: UUID | None = None
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> tuple[UUID | None, UUID | None]:
        """The organisation and the project."""
        if self.run is not None:
            return self.run.organisation_id, self.run.project_id
        return self.organisation, self.project


def open_ticket(
    about: About,
    *,
    actor: User,
    session: str,
    kind: Ticket.Kind,
    purpose: str,
    contents: Iterable[UUID],
    reason: str = "",
) -> Ticket:
    """Commit that this person is about to see these contents, and return the ticket that opens them.

    Raises `RuntimeError` inside another transaction: its rollback would take the log back, and leave what
    was read. Whether the person may see them is the caller's to decide, before.
    """
    wanted = sorted(set(contents))
    digest = sha256("".join(map(str, wanted)).encode()).hexdigest()
    organisation, project = about.place
    owner = organisation or actor.employer_id
    why = {"reason": reason} if reason else {}
    with transaction.atomic(durable=True, savepoint=False):
        event = record(
            EVENTS[kind],
            actor=actor,
            organisation=owner,
            about=(about.type, about.id),
            run=about.run.pk if about.run else None,
            details={"contents": len(wanted), "digest": digest, "purpose": purpose, **why, **about.facts},
        )
        ticket = Ticket.objects.create(
            organisation_id=owner, project_id=project, run=about.run,
            about_type=about.type, about_id=about.id,
            actor=actor, actor_name=actor.name, session=bound(session),
            kind=kind, purpose=purpose, reason=reason,
            contents=len(wanted), digest=digest, event=event, at=timezone.now(),
        )  # fmt: skip
        Opened.objects.bulk_create(Opened(ticket=ticket, artifact_id=found) for found in wanted)
    ticket.__dict__["_opens"] = frozenset(wanted)
    return ticket


def open_search(text: str, *, actor: User) -> Ticket:
    """Commit that the person is about to have contents compared with these words.

    The words themselves may be somebody's data: the log has a keyed digest of them, so that the same search
    can be told again, and nobody guesses it. Raises as `open_ticket`.
    """
    asked = salted_hmac("countersign.searched", text, algorithm="sha256").hexdigest()
    about = About("person", actor.pk, facts={"asked": asked})
    searched = Ticket.Kind.SEARCHED
    return open_ticket(about, actor=actor, session="", kind=searched, purpose="a search", contents=())


def read_searched(ticket: Ticket, artifact: Artifact, *, actor: User) -> bytes | None:
    """The bytes, to be compared with what is searched for; None for altered ones. Raises as `read`."""
    _examine(ticket, actor, "")
    return released(artifact)


def tell_shown(ticket: Ticket, *, actor: User, contents: Iterable[UUID]) -> None:
    """Of a search: commit which of the contents that were compared are shown. Raises as `read`."""
    _examine(ticket, actor, "")
    with transaction.atomic(durable=True, savepoint=False):
        rows = (Opened(ticket=ticket, artifact_id=found) for found in sorted(set(contents)))
        Opened.objects.bulk_create(rows, ignore_conflicts=True)


def read(ticket: Ticket, artifact: Artifact, *, actor: User, session: str) -> bytes:
    """The bytes of a content that the ticket opens, for whom and for as long as it was given.

    Raises `NotAllowed`, which is recorded, for a ticket of somebody else, of another session or of more than
    five minutes ago, and for a content that is not among those it was given for. Raises as `bytes_of`.
    """
    _examine(ticket, actor, session, [artifact.pk])
    return bytes_of(artifact)


def read_beginnings(
    ticket: Ticket, contents: Iterable[UUID], *, actor: User, session: str, most: int
) -> dict[UUID, Beginning]:
    """How these contents begin, for a list. Raises as `read`."""
    wanted = list(dict.fromkeys(contents))
    _examine(ticket, actor, session, wanted)
    return beginnings_of(wanted, most)


def tell_refused(
    about: tuple[str, UUID], *, actor: User, place: tuple[UUID | None, UUID | None], reason: str
) -> None:
    """Commit that the person was refused a content, of this organisation and run."""
    organisation, run = place
    with transaction.atomic(durable=True, savepoint=False):
        details = {"reason": reason}
        record(
            Kind.CONTENT_REFUSED,
            actor=actor,
            organisation=organisation,
            about=about,
            run=run,
            details=details,
        )


def _examine(ticket: Ticket, actor: User, session: str, contents: Iterable[UUID] = ()) -> None:
    """Refuse, and record it, unless the ticket is theirs and opens these."""
    wrong = _wrong(ticket, actor, session, set(contents))
    if not wrong:
        return
    place = ticket.organisation_id, ticket.run_id
    tell_refused(("ticket", ticket.pk), actor=actor, place=place, reason=wrong)
    raise NotAllowed(f"This content was not opened for you now: {wrong}.", missing="ticket")


def _wrong(ticket: Ticket, actor: User, session: str, contents: set[UUID]) -> str:
    if ticket.actor_id != actor.pk:
        return "the ticket is somebody else's"
    if not constant_time_compare(bytes(ticket.session), bound(session)):
        return "the ticket is of another session"
    if ticket.at + LIFE < timezone.now():
        return "the ticket has expired"
    if contents - _opened_by(ticket):
        return "the ticket was not given for it"
    return ""


def _opened_by(ticket: Ticket) -> frozenset[UUID]:
    """As it was made just now; else as the database has it."""
    known: frozenset[UUID] | None = ticket.__dict__.get("_opens")
    if known is None:
        known = frozenset(Opened.objects.filter(ticket=ticket.pk).values_list("artifact", flat=True))
        ticket.__dict__["_opens"] = known
    return known


def bound(session: str) -> bytes:
    """What is kept of a session: a keyed digest."""
    return salted_hmac("countersign.reading", session, algorithm="sha256").digest()
