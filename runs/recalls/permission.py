"""Who opens, settles and closes recalls: those who approve releases of the project, and its owners."""

from typing import Final

from governance.access.gate import Reach, authorise, resolve
from governance.access.permissions import Permission
from governance.accounts.models import Project, User

MAY: Final = (Permission.APPROVE, Permission.ADMINISTER)


def may_recall(found: Reach, project: Project) -> bool:
    """Whether somebody of this reach may."""
    return any(found.allows(permission, project.pk) for permission in MAY)


def authorise_recall(actor: User, *, project: Project) -> None:
    """Let the write pass, or raise as `authorise` does."""
    if not may_recall(resolve(actor), project):
        authorise(actor, Permission.APPROVE, project=project)
