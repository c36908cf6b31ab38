"""What a task is about: the value that its subject's reference leads to."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from runs.artifacts.models import Artifact
from runs.artifacts.opening import bytes_of
from runs.artifacts.store import value_of
from runs.people.models import Task

SUBJECT = "subject"


def subject_of(task: Task, release: Callable[[Artifact], bytes] = bytes_of) -> Any:
    """The value that is edited or approved, as it was when the task was opened.

    `release` gives the content's bytes: to a person through a ticket.
    Raises `ArtifactDamaged`, and `LookupError` for a task that has no subject.
    """
    found = next(given for given in task.shown if given["name"] == SUBJECT)
    artifact = Artifact.objects.get(pk=UUID(found["artifact"]))
    value = value_of(release(artifact), artifact.media_type)
    for part in found["source"].split(".")[1:]:
        value = value[part]
    return value
