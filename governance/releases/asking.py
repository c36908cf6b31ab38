"""Whom the parts of a workflow ask to decide, and whether there is somebody who could."""

from collections.abc import Iterator, Sequence

from governance.access.teams import members_who_see, team_named
from governance.accounts.models import Project
from governance.catalog.content import parsed
from governance.catalog.models import Asset, Version
from governance.catalog.nodes import HumanTaskNode
from governance.catalog.workflows import WorkflowContent
from governance.errors import Invalid

MOST_NAMED = 5


def refuse_unanswerable(project: Project, parts: Sequence[Version]) -> None:
    """Raise `Invalid` when a task asks a team that is not there, or of which nobody sees the project.

    `parts` as `pinned_versions` gives. What changes in the team later, the run's page tells.
    """
    asking: dict[str, list[str]] = {}
    for place, team in _asked(parts):
        asking.setdefault(team, []).append(place)
    reasons = {team: _why(team, project) for team in asking}
    wrong = [f"{', '.join(asking[team][:MOST_NAMED])}: {why}" for team, why in reasons.items() if why]
    if wrong:
        raise Invalid(f"{' '.join(wrong)} A platform owner adds people to teams and grants roles.")


def _asked(parts: Sequence[Version]) -> Iterator[tuple[str, str]]:
    """Each place that asks, and the name of the team."""
    for version in parts:
        content = parsed(version) if version.asset.kind == Asset.Kind.WORKFLOW else None
        for node in content.nodes if isinstance(content, WorkflowContent) else ():
            if isinstance(node, HumanTaskNode):
                teams = filter(None, (node.team, node.escalate_to))
                yield from ((f"{node.key} of {version}", team) for team in teams)


def _why(name: str, project: Project) -> str:
    team = team_named(name, organisation=project.organisation_id)
    if team is None:
        return f"the organisation has no team “{name}”, or several."
    if not members_who_see(project, [team.pk]):
        return f"nobody who can see this project is in the team “{team.name}”."
    return ""
