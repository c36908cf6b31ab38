"""The team that a definition names, and which people of teams could answer what a project asks them."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q
from django.utils.text import slugify

from governance.access.holders import holders
from governance.access.permissions import Permission
from governance.accounts.models import Project, Team, User


def team_named(name: str, *, organisation: UUID) -> Team | None:
    """The team of this name, or of this name as a slug; None when there is none, or several."""
    teams = list(Team.objects.filter(organisation=organisation))
    found = [team for team in teams if team.name == name] or [
        team for team in teams if slugify(team.name) == name
    ]
    return found[0] if len(found) == 1 else None


def members_who_see(project: Project, teams: Sequence[UUID]) -> list[User]:
    """The people of these teams, by name, who see the project and may sign in."""
    seeing = {person.pk for person in holders(project, Permission.VIEW)}
    own = Q(owned_organisations=project.organisation_id)
    members = User.objects.filter(groups__team__in=teams, is_active=True, kind=User.Kind.PERSON)
    return list(members.filter(Q(pk__in=seeing) | own).distinct().order_by("name", "email"))
