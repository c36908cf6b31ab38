"""Why somebody may, or may not, decide a request: the same answer for the page, the service and the inbox."""

from governance.access.gate import resolve
from governance.access.holders import holders
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.approvals.models import ApprovalRequest


def obstacle(request: ApprovalRequest, person: User) -> str:
    """What keeps the person from deciding, in plain words for them; empty when nothing does."""
    if request.state != ApprovalRequest.State.OPEN:
        return f"This request is {request.get_state_display().lower()}: there is nothing to decide."
    if not resolve(person).allows(Permission.APPROVE, request.project_id):
        return "You are not an approver of this project."
    exclusion = request.exclusions.filter(person=person).first()
    if exclusion is not None:
        return f"You cannot decide this: you {exclusion.reason}. Somebody else must."
    if request.votes.filter(person=person).exists():
        return "You have decided already."
    return ""


def needed(request: ApprovalRequest) -> int:
    """How many more approvals the request needs, 0 once it has them."""
    given = request.votes.filter(decision="approve", digest=request.digest).count()
    return max(0, request.quorum - given)


def standings(request: ApprovalRequest) -> list[tuple[User, str]]:
    """Every approver of the project by name, each with what keeps them from deciding, if anything does."""
    excluded = {exclusion.person_id: exclusion.reason for exclusion in request.exclusions.all()}
    voted = {
        given.person_id: f"{given.get_decision_display().lower()} it already" for given in request.votes.all()
    }
    found = holders(request.project, Permission.APPROVE)
    return [(person, excluded.get(person.pk) or voted.get(person.pk, "")) for person in found]
