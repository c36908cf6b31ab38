"""Who holds a permission: the question of the gates, asked the other way round."""

from django.db.models import Q

from governance.access.models import ProjectGroupObjectPermission, ProjectUserObjectPermission
from governance.access.permissions import Permission
from governance.accounts.models import Project, User


def holders(project: Project, permission: Permission) -> list[User]:
    """The people, by name, who hold the permission by themselves or through a team, and may sign in."""
    row = {"content_object": project, "permission__codename": permission.value}
    direct = ProjectUserObjectPermission.objects.filter(**row).values("user")
    by_team = ProjectGroupObjectPermission.objects.filter(**row).values("group")
    held = User.objects.filter(
        Q(pk__in=direct) | Q(groups__in=by_team), is_active=True, kind=User.Kind.PERSON
    )
    return list(held.distinct().order_by("name", "email"))
