"""Adding a version to what is remembered, in the caller's transaction."""

from uuid import UUID

from django.db import connection
from django.db.models import Max

from governance.ledger.kinds import Kind
from governance.ledger.services import Actor, record
from runs.memory.models import Entry
from runs.memory.place import Place
from runs.records.models import Step

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('memory ' || %s, 0))"


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


def newest_held(place: Place) -> Entry | None:
    """The version that holds. Until the commit nobody else adds one there: the order is that of commits."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [f"{place.project} {place.environment}"])
    return Entry.objects.of(place).first()


def added(place: Place, **written: object) -> Entry:
    """The next version of the value. The caller records it."""
    newest = newest_held(place)
    before = Entry.objects.within(place.project, place.environment).aggregate(last=Max("sequence"))["last"]
    return Entry.objects.create(
        project_id=place.project,
        environment_id=place.environment,
        sequence=(before or 0) + 1,
        namespace=place.namespace,
        key=place.key,
        number=1 if newest is None else newest.number + 1,
        **written,
    )


def facts_of(entry: Entry) -> dict[str, object]:
    """What every event about an entry says."""
    return {
        "value": str(entry),
        "environment": entry.environment.slug,
        "sequence": entry.sequence,
        "artifact": str(entry.artifact_id),
    }
