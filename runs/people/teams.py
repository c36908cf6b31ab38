"""Finding the team that a definition names."""

from uuid import UUID

from django.utils.text import slugify

from governance.accounts.models import Team


def team_named(name: str, *, organisation: UUID) -> Team | None:
    """The team of this name, or of this name as a slug; None when there is none, or several."""
    teams = list(Team.objects.filter(organisation=organisation))
    found = [team for team in teams if team.name == name] or [
        team for team in teams if slugify(team.name) == name
    ]
    return found[0] if len(found) == 1 else None
