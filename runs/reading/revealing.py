"""Revealing contents that are masked: for a purpose and a reason, to one person, for five minutes."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from governance.access.gate import resolve
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.errors import Invalid, NotAllowed
from runs.artifacts.models import Artifact
from runs.lineage.visible import artifacts_revealable_by
from runs.reading.abouts import about_artifact
from runs.reading.models import Opened, Ticket
from runs.reading.reasons import PURPOSES, purpose_among, reason_given
from runs.reading.services import LIFE, About, bound, open_ticket, tell_refused

REVEAL_PURPOSES: Final = {**PURPOSES, "case": "Work on a case", "fault": "Finding a fault"}
MOST_AT_ONCE: Final = 50
REFUSED: Final = "they may not reveal contents"
NEEDED: Final = (
    "This needs the permission “Reveal confidential and personal contents”. Operators and auditors of the"
    " project have it."
)


def reveal(
    contents: Sequence[Artifact],
    *,
    actor: User,
    session: str,
    purpose: str,
    reason: str,
    of: About | None = None,
) -> Ticket:
    """Commit that the person reveals these contents to themselves, what for and why; they are then shown.

    The caller has fetched them within the person's reach; `of` is what they are of, where no step uses them.
    Raises `Invalid` without a purpose of the list or a reason of ten letters, and `NotAllowed`, which is
    recorded, unless the person may reveal contents in the project of `of`, or in one that uses each of them.
    """
    if not 0 < len(contents) <= MOST_AT_ONCE:
        many = f"Choose between 1 and {MOST_AT_ONCE} contents."
        raise Invalid(many, fields={"contents": many})
    purpose = purpose_among(REVEAL_PURPOSES, purpose, missing="Say what you need it for.")
    reason = reason_given(reason)
    about, wanted = of or about_artifact(contents[0], actor), {content.pk for content in contents}
    if not _may_reveal(actor, wanted, of):
        organisation, _ = about.place
        place = organisation or actor.employer_id, about.run.pk if about.run else None
        tell_refused((about.type, about.id), actor=actor, place=place, reason=REFUSED)
        raise NotAllowed(NEEDED, missing=Permission.REVEAL)
    said = REVEAL_PURPOSES[purpose]
    return opened_for(about, contents=wanted, actor=actor, session=session, purpose=said, reason=reason)


def opened_for(
    about: About, *, contents: Collection[UUID], actor: User, session: str, purpose: str, reason: str
) -> Ticket:
    """Commit that masked contents are revealed for this. Whether they may be is the caller's to decide."""
    kind = Ticket.Kind.REVEALED
    return open_ticket(
        about, actor=actor, session=session, kind=kind, purpose=purpose, contents=contents, reason=reason
    )


def _may_reveal(actor: User, contents: Collection[UUID], of: About | None) -> bool:
    if of is not None and of.place[1] is not None:
        return resolve(actor).allows(Permission.REVEAL, of.place[1])
    return artifacts_revealable_by(actor).filter(pk__in=contents).count() == len(contents)


def revealed_to(actor: User, session: str, contents: Collection[UUID]) -> set[UUID]:
    """Those of the contents that this person has revealed in this session, for as long as that holds.

    That is as long as they still may: only what is shown for a task does not ask for the permission.
    """
    may = Q(artifact__in=artifacts_revealable_by(actor).filter(pk__in=contents))
    in_project = Q(ticket__project__in=resolve(actor).projects(Permission.REVEAL))
    found = Opened.objects.filter(
        may | in_project | Q(ticket__about_type="task"),
        artifact__in=contents,
        ticket__kind=Ticket.Kind.REVEALED,
        ticket__actor=actor.pk,
        ticket__session=bound(session),
        ticket__at__gte=timezone.now() - LIFE,
    )
    return set(found.values_list("artifact", flat=True))
