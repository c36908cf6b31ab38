"""Taking the lease of a run, giving it back, and ending a run between two steps."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from psycopg.types.json import Jsonb

from governance.ledger.services import details_bytes
from runs.durable.actors import engine
from runs.durable.statements import Statement, rows
from runs.records.failure import Failure

MOST_RECOVERIES = 5
ANNOUNCE_AGAIN_SECONDS = 5.0


@dataclass(frozen=True)
class Claim:
    """A run that this worker holds until `epoch` is overtaken, and where it stands."""

    run: UUID
    organisation: UUID
    release: UUID
    version: UUID
    epoch: int
    cursor: str
    position: int
    attempt: int


def claim(run_id: UUID, *, worker: str) -> Claim | None:
    """Take the lease of a run that waits or was abandoned; None when somebody else has it or it has ended."""
    actor = engine()
    found = rows(
        Statement.CLAIM,
        {
            "run": run_id,
            "worker": worker[:120],
            "lease": float(settings.LEASE_SECONDS),
            "most_recoveries": MOST_RECOVERIES,
            "actor": actor.pk,
            "actor_name": actor.name,
        },
    )
    if not found:
        return None
    row = found[0]
    return Claim(
        run=row.id,
        organisation=row.organisation_id,
        release=row.release_id,
        version=row.version_id,
        epoch=row.lease_epoch,
        cursor=row.cursor,
        position=row.position,
        attempt=row.attempt,
    )


def give_back(held: Claim) -> bool:
    """Let another worker go on with the run at once; False when the lease was lost already."""
    values = {"run": held.run, "epoch": held.epoch, "again": ANNOUNCE_AGAIN_SECONDS}
    return bool(rows(Statement.GIVE_BACK, values))


def stop(held: Claim, *, failure: Failure) -> bool:
    """End the run as failed without a step; False when the lease was lost already."""
    actor = engine()
    values = {
        "run": held.run,
        "epoch": held.epoch,
        "error": Jsonb(failure.stored()),
        "actor": actor.pk,
        "actor_name": actor.name,
        "details": details_bytes({"code": failure.code, "title": failure.title, "node": failure.node}),
    }
    return bool(rows(Statement.STOP, values))
