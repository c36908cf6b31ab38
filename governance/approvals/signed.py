"""In what role people decided, as the ledger recorded it when they did."""

from dataclasses import dataclass
from uuid import UUID

from governance.approvals.models import ApprovalRequest, Vote
from governance.ledger.kinds import Kind
from governance.ledger.models import Event


@dataclass(frozen=True)
class Signed:
    """A decision, and the role that the person held then; empty where it was not recorded."""

    vote: Vote
    role: str


def roles_at(request: UUID) -> dict[str, str]:
    """The role by the person who decided; of earlier decisions, which recorded none, there is nothing."""
    voted = Event.objects.about("approval", request).filter(kind=Kind.APPROVAL_VOTED)
    roles = {str(event.actor): str(event.details.get("role", "")) for event in voted}
    return {person: role for person, role in roles.items() if role}


def signed(request: ApprovalRequest) -> list[Signed]:
    """The decisions on a request with their roles, in their order."""
    votes = list(request.votes.all())
    roles = roles_at(request.pk) if votes else {}
    return [Signed(vote, roles.get(str(vote.person_id), "")) for vote in votes]
