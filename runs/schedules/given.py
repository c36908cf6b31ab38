"""The texts that a schedule starts runs with: protected ones are shown to those who may change them."""

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.releases.models import Activation
from runs.artifacts.classes import MASKED
from runs.artifacts.models import Artifact
from runs.schedules.models import Schedule

UNCLASSED = Artifact.Classification.PERSONAL.value


def given_by(schedule: Schedule, *, actor: User) -> dict[str, str | None]:
    """By input its text; None where that is confidential or personal, and the person may not operate.

    They are no contents yet, so there is nothing to reveal: whoever may change the schedule has them before
    them. What no release in effect classes counts as personal.
    """
    inputs: dict[str, str] = schedule.inputs
    if reach(actor).allows(Permission.OPERATE, schedule.project_id):
        return dict(inputs)
    levels = _classes(schedule)
    return {name: None if levels.get(name, UNCLASSED) in MASKED else text for name, text in inputs.items()}


def _classes(schedule: Schedule) -> dict[str, str]:
    """As the workflow that would be started now declares them."""
    line = Activation.objects.line(schedule.workflow, schedule.environment)
    live = line.select_related("release__version").first()
    declared = live.release.version.document["inputs"] if live else []
    internal = Artifact.Classification.INTERNAL.value
    return {each["name"]: each.get("classification", internal) for each in declared}
