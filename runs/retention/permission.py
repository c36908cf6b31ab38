"""Who places holds and lifts them: owners of the organisation, and of a project for what is in it."""

from governance.access.gate import authorise, authorise_owner, reach
from governance.access.permissions import Permission
from governance.accounts.models import Organisation, Project, User
from runs.retention.models import Hold


def authorise_hold(actor: User, *, organisation: Organisation, project: Project | None) -> None:
    """Let the write pass, or raise as `authorise` does."""
    if project is None:
        authorise_owner(actor, organisation=organisation)
    else:
        authorise(actor, Permission.ADMINISTER, project=project)


def may_lift(actor: User, hold: Hold) -> bool:
    """Whether the person is one of those."""
    found = reach(actor)
    if hold.project_id is None:
        return hold.organisation_id in found.owned
    return found.allows(Permission.ADMINISTER, hold.project_id)
