"""In what role somebody holds a permission on a project."""

from django.db.models import F, Q

from governance.access.models import Grant
from governance.access.permissions import ROLE_PERMISSIONS, Permission
from governance.accounts.models import Project, User


def role_for(person: User, permission: Permission, *, project: Project) -> str:
    """The role by which the person may, now: "approver", or "approver, in the team Risk"; own roles first.

    Empty where no role gives it.
    """
    roles = [role for role, given in ROLE_PERMISSIONS.items() if permission in given]
    held = Grant.objects.filter(project=project, role__in=roles, revoked_at=None)
    mine = held.filter(Q(person=person) | Q(team__group__user=person)).select_related("team")
    grant = mine.order_by(F("team__name").asc(nulls_first=True)).first()
    if grant is None:
        return ""
    return f"{grant.role}, in the team {grant.team.name}" if grant.team else grant.role
