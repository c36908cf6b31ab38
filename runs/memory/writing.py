"""Adding a version to what a project remembers, in the caller's transaction."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Max

from governance.ledger.kinds import Kind
from governance.ledger.services import Actor, record
from runs.memory.models import Entry
from runs.records.models import Step

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('memory ' || %s, 0))"


@dataclass(frozen=True)
class Place:
    """Where a value is remembered."""

    organisation: UUID
    project: UUID
    namespace: str
    key: str


def pinned_now(project: UUID) -> int:
    """How many entries the project has: whatever is written from now on comes after."""
    return Entry.objects.filter(project=project).aggregate(last=Max("sequence"))["last"] or 0


def lock_memory(project: UUID) -> None:
    """In this transaction: nobody else writes what the project remembers until it ends."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [str(project)])


def write_step(place: Place, *, actor: Actor, step: Step, artifact: UUID, classification: str) -> Entry:
    """The value that a step wrote, with the step's commit."""
    entry = added(place, step=step, artifact_id=artifact, classification=classification)
    record(
        Kind.MEMORY_WRITTEN,
        actor=actor,
        organisation=place.organisation,
        about=("memory", entry.pk),
        run=step.run_id,
        details={**facts_of(entry), "step": str(step.pk), "node": step.node},
    )
    return entry


def added(place: Place, **written: object) -> Entry:
    """The next version of the value. The caller records it.

    Numbered under a lock of the project that is held until the commit: the order is that of commits.
    """
    lock_memory(place.project)
    last = Entry.objects.of(place.project, place.namespace, place.key).first()
    return Entry.objects.create(
        project_id=place.project,
        sequence=pinned_now(place.project) + 1,
        namespace=place.namespace,
        key=place.key,
        number=1 if last is None else last.number + 1,
        **written,
    )


def facts_of(entry: Entry) -> dict[str, object]:
    """What every event about an entry says."""
    return {"value": str(entry), "sequence": entry.sequence, "artifact": str(entry.artifact_id)}
