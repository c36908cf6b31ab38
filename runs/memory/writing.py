"""Adding a version to what a project remembers, in the caller's transaction."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Max

from governance.accounts.models import User
from governance.ledger.kinds import Kind
from governance.ledger.services import Actor, record
from runs.memory.models import Entry
from runs.records.models import Step


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


def write_step(place: Place, *, actor: Actor, step: Step, artifact: UUID, classification: str) -> Entry:
    """The value that a step wrote, with the step's commit."""
    return _added(
        place, actor, Kind.MEMORY_WRITTEN, step=step, artifact_id=artifact, classification=classification
    )


def write_restored(restored: Entry, place: Place, *, actor: User, reason: str) -> Entry:
    """An earlier version once more, as the newest."""
    return _added(
        place,
        actor,
        Kind.MEMORY_REVERTED,
        restores=restored,
        artifact_id=restored.artifact_id,
        classification=restored.classification,
        author=actor,
        author_name=actor.name,
        reason=reason,
    )


def _added(place: Place, actor: Actor, kind: Kind, **written: object) -> Entry:
    """Numbered under a lock of the project that is held until the commit: the order is that of commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('memory ' || %s, 0))", [str(place.project)]
        )
    last = Entry.objects.of(place.project, place.namespace, place.key).first()
    entry = Entry.objects.create(
        project_id=place.project,
        sequence=pinned_now(place.project) + 1,
        namespace=place.namespace,
        key=place.key,
        number=1 if last is None else last.number + 1,
        **written,
    )
    step = entry.step
    record(
        kind,
        actor=actor,
        organisation=place.organisation,
        about=("memory", entry.pk),
        run=step.run_id if step else None,
        details={
            "value": str(entry),
            "sequence": entry.sequence,
            "artifact": str(entry.artifact_id),
            **({"step": str(step.pk), "node": step.node} if step else {}),
            **({"restores": str(entry.restores), "reason": entry.reason} if entry.restores else {}),
        },
    )
    return entry
