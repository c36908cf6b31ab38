"""What a remembered value is shown for, as the log of readings names it."""

from collections.abc import Iterable
from uuid import UUID

from runs.artifacts.classes import most_protected
from runs.memory.models import Entry
from runs.reading.services import About


def about_entry(entry: Entry) -> About:
    """A value is its project's; what a run wrote is that run's."""
    run = entry.step.run if entry.step else None
    return About("memory", entry.pk, run, entry.project_id, entry.project.organisation_id)


def classes_in(entries: Iterable[Entry]) -> dict[UUID, str]:
    """How memory classes the contents of these versions."""
    found: dict[UUID, str] = {}
    for entry in entries:
        known = found.get(entry.artifact_id, entry.classification)
        found[entry.artifact_id] = most_protected([known, entry.classification])
    return found
