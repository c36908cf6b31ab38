"""Who may decide a request, and how far it is: one rule each, for the pages, the service and the API.

Each function reads `exclusions` and `votes` as they are loaded, so that a list prefetches them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, auto
from uuid import UUID

from governance.access.gate import resolve
from governance.access.holders import holders
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.approvals.models import ApprovalRequest, Vote
from governance.policies.separation import Ballot, approving, reached


class Bar(Enum):
    """What can keep somebody from deciding."""

    SETTLED = auto()
    NO_APPROVER = auto()
    EXCLUDED = auto()
    VOTED = auto()


@dataclass(frozen=True)
class Obstacle:
    """What keeps one person from deciding, in a sentence to them; `part` is the part they had in it."""

    bar: Bar
    sentence: str
    part: str = ""


def standing(request: ApprovalRequest, person: User, *, approver: bool) -> Obstacle | None:
    """What keeps the person from deciding, if anything does.

    `approver` tells whether they hold the permission. `ApprovalRequestQuerySet.waiting_for` asks the same of
    the database.
    """
    if request.state != ApprovalRequest.State.OPEN:
        state = request.get_state_display().lower()
        return Obstacle(Bar.SETTLED, f"This request is {state}: there is nothing to decide.")
    if part := _part_of(request, person):
        return Obstacle(Bar.EXCLUDED, f"You cannot decide this: you {part}. Somebody else must.", part)
    if not approver:
        return Obstacle(Bar.NO_APPROVER, "You are not an approver of this project.")
    if decided_by(request, person):
        return Obstacle(Bar.VOTED, "You have decided already.")
    return None


def obstacle(request: ApprovalRequest, person: User) -> str:
    """The sentence that tells the person what keeps them from deciding; empty when nothing does."""
    found = standing(request, person, approver=resolve(person).allows(Permission.APPROVE, request.project_id))
    return found.sentence if found else ""


def standings(request: ApprovalRequest) -> list[tuple[User, str]]:
    """Every approver of the project by name, each with the part they had or the decision they made."""
    found = holders(request.project, Permission.APPROVE)
    return [(person, _part_of(request, person) or _already(request, person)) for person in found]


def decided_by(request: ApprovalRequest, person: User) -> str:
    """What the person decided ("approved it"); empty when nothing."""
    mine = next((vote for vote in request.votes.all() if vote.person_id == person.pk), None)
    return f"{mine.get_decision_display().lower()} it" if mine else ""


def given(request: ApprovalRequest) -> int:
    """How many approvals count."""
    return approving(excluded=_excluded(request), digest=request.digest, ballots=_ballots(request))


def needed(request: ApprovalRequest) -> int:
    """How many more approvals the request needs, 0 once it has them."""
    return max(0, request.quorum - given(request))


def has_quorum(request: ApprovalRequest, *, barred: Collection[UUID] = ()) -> bool:
    """Whether the stored votes, counted afresh, carry the request.

    The votes of `barred` do not count, besides those of who was excluded when the request was made.
    """
    excluded = _excluded(request) | set(barred)
    ballots = _ballots(request)
    return reached(quorum=request.quorum, excluded=excluded, digest=request.digest, ballots=ballots)


def _already(request: ApprovalRequest, person: User) -> str:
    decided = decided_by(request, person)
    return f"{decided} already" if decided else ""


def _part_of(request: ApprovalRequest, person: User) -> str:
    return next((row.reason for row in request.exclusions.all() if row.person_id == person.pk), "")


def _excluded(request: ApprovalRequest) -> set[UUID]:
    return {exclusion.person_id for exclusion in request.exclusions.all()}


def _ballots(request: ApprovalRequest) -> list[Ballot]:
    return [
        Ballot(person=vote.person_id, approves=vote.decision == Vote.Decision.APPROVE, digest=vote.digest)
        for vote in request.votes.all()
    ]
