"""What a remembered value is shown for, as the log of readings names it."""

from runs.memory.models import Entry
from runs.reading.services import About


def about_entry(entry: Entry) -> About:
    """A value is its project's; what a run wrote is that run's."""
    run = entry.step.run if entry.step else None
    return About("memory", entry.pk, run, entry.project_id, entry.project.organisation_id)
