"""Taking the lease of a run: of a named one, or of those that are next."""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings

from runs.durable.actors import engine
from runs.durable.statements import Statement, rows
from runs.records.models import Run

MOST_RECOVERIES = 5


@dataclass(frozen=True)
class Waited:
    """What the run waited for at the node where it stands, and whether its time has come."""

    what: str
    since: datetime | None
    until: datetime | None
    due: bool


@dataclass(frozen=True)
class Claim:
    """A run that this worker holds until `epoch` is overtaken, and where it stands.

    A slice of a map has `first_item` and `end_item`; `waiting_s` is for how long the run could have been
    executed before it was; `fingerprint` is of all that its release's clearance depends on, as of now;
    `more` is whether other runs of the pool waited as well; `lacks` are the functions of which this process
    has other code than was released; `taken` is this process's clock before it was.
    """

    run: UUID
    organisation: UUID
    project: UUID
    environment: UUID
    release: UUID
    version: UUID
    state: str
    epoch: int
    cursor: str
    position: int
    attempt: int
    nudges: int = 0
    asked: str = ""
    pool: str = "io"
    parent: UUID | None = None
    parent_position: int | None = None
    first_item: int | None = None
    end_item: int | None = None
    overrides: Mapping[str, Any] | None = None
    memory_snapshot: int | None = None
    recalls_from: UUID | None = None
    waited: Waited | None = None
    waiting_s: float = 0.0
    fingerprint: str | None = None
    more: bool = False
    overdue: bool = False
    lacks: frozenset[str] = frozenset()
    taken: float = field(default_factory=time.monotonic, compare=False)

    @property
    def item(self) -> int | None:
        """Of a slice: the item at which it stands, from 0."""
        return None if self.first_item is None else self.first_item + self.position


def claim(run_id: UUID, *, worker: str) -> Claim | None:
    """Take the lease of this run if it waits for a worker or was abandoned; None when it cannot be had."""
    return next(iter(_claimed(worker, run=run_id)), None)


def claim_next(*, worker: str, pool: str, short: Sequence[UUID] = ()) -> list[Claim]:
    """Take the lease of the run that is next in this pool; nothing when none waits.

    Is it of one of the `short` versions, those right behind it come along, up to eight in all: as long as
    they are of the same version and priority, only its organisation's wait, and nobody has taken them before.
    """
    return _claimed(worker, pool=pool, short=short)


def _claimed(
    worker: str, *, run: UUID | None = None, pool: str = "", short: Sequence[UUID] = ()
) -> list[Claim]:
    actor = engine()
    values = {
        "run": run,
        "pool": pool,
        "short": list(short),
        "lot": random.getrandbits(62),
        "worker": worker[:120],
        "lease": float(settings.LEASE_SECONDS),
        "most_recoveries": MOST_RECOVERIES,
        "actor": actor.pk,
        "actor_name": actor.name,
    }
    before = time.monotonic()
    return [_claim(found, before) for found in rows(Statement.CLAIM, values)]


def _for_room(row: Any) -> float:
    """How long before it could be executed again it had its place in the queue: it waited for room."""
    later = row.wake_at - row.ready_at if row.waits_for == Run.WaitsFor.LIMIT and row.wake_at else timedelta()
    return max(0.0, later.total_seconds())


def _claim(row: Any, taken: float) -> Claim:
    waited = Waited(row.waits_for, row.waits_since, row.wake_at, bool(row.due)) if row.waits_for else None
    return Claim(
        run=row.id,
        organisation=row.organisation_id,
        project=row.project_id,
        environment=row.environment_id,
        release=row.release_id,
        version=row.version_id,
        state=row.state,
        epoch=row.lease_epoch,
        cursor=row.cursor,
        position=row.position,
        attempt=row.attempt,
        nudges=row.nudges,
        asked=row.asked,
        pool=row.pool,
        parent=row.parent_id,
        parent_position=row.parent_position,
        first_item=row.first_item,
        end_item=row.end_item,
        overrides=orjson.loads(row.overrides),  # Django has PostgreSQL's JSON come as text
        memory_snapshot=row.memory_snapshot,
        recalls_from=row.recalls_from_id,
        waited=waited,
        waiting_s=row.waited - _for_room(row),
        fingerprint=row.fingerprint,
        more=row.more,
        overdue=bool(row.overdue),
        taken=taken,
    )
