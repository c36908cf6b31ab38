"""Who executes runs now, what waits for them, and whether somebody looks after what is left lying."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import BooleanField, Count, ExpressionWrapper, Min, Q
from django.db.models.functions import Now

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.errors import NotAllowed
from runs.durable.machine import CLAIMABLE
from runs.records.models import Run
from runs.records.workers import SweeperPass, Worker

# Workers and sweeper speak every five seconds: what has missed three beats is not there.
SILENT_AFTER: Final = timedelta(seconds=20)
MOST_LISTED: Final = 100


@dataclass(frozen=True)
class Queue:
    """Runs of one organisation that wait for workers of one pool."""

    pool: str
    organisation: str
    waiting: int
    oldest: datetime


@dataclass(frozen=True)
class Leases:
    """Runs that workers hold, and those of them whose worker has fallen silent."""

    held: int
    expired: int


@dataclass(frozen=True)
class Sweeper:
    """The last pass, if there ever was one, and whether it was too long ago."""

    last: SweeperPass | None
    late: bool


@dataclass(frozen=True)
class Capacity:
    """All of it. Workers are everybody's; of runs only those within reach are counted."""

    workers: Sequence[Worker]
    queues: Sequence[Queue]
    leases: Leases
    lacking: int
    sweeper: Sweeper

    @property
    def alive(self) -> list[Worker]:
        """The workers that are there."""
        return [worker for worker in self.workers if standing(worker) == "alive"]

    @property
    def slots(self) -> int:
        """How many runs can be executed at a time."""
        return sum(worker.slots for worker in self.alive)

    @property
    def busy(self) -> int:
        """How many are, as the workers last said."""
        return sum(worker.busy for worker in self.alive)

    @property
    def deserted(self) -> list[str]:
        """The pools in which runs wait although no worker serves them."""
        served = {worker.pool for worker in self.alive}
        waited = {queue.pool for queue in self.queues}
        return [] if Worker.Pool.ALL in served else sorted(waited - served)


def looks_after_runs(actor: User) -> bool:
    """Whether this person operates runs anywhere, or owns an organisation."""
    held = reach(actor)
    return bool(held.projects(Permission.OPERATE) or held.owned)


def capacity(actor: User) -> Capacity:
    """Everything that this person may see of it, in a fixed number of queries. Raises `NotAllowed`."""
    if not looks_after_runs(actor):
        raise NotAllowed(
            "Operators and owners look after the workers; you are neither.", missing=Permission.OPERATE
        )
    runs = Run.objects.visible_to(actor)
    return Capacity(
        workers=list(_workers()),
        queues=_queues(runs),
        leases=_leases(runs),
        lacking=runs.filter(waits_for=Run.WaitsFor.WORKER, wake_at__isnull=False).count(),
        sweeper=_sweeper(),
    )


def standing(worker: Any) -> str:
    """`alive`, `silent` (dead, or cut off) or `left`."""
    if worker.left_at is not None:
        return "left"
    return "silent" if worker.silent else "alive"


def _workers() -> Any:
    """Those that speak first, then the silent, then those that have left; the newest of each first."""
    late = ExpressionWrapper(Q(seen_at__lt=Now() - SILENT_AFTER), output_field=BooleanField())
    gone = ExpressionWrapper(Q(left_at__isnull=False), output_field=BooleanField())
    return Worker.objects.annotate(silent=late, gone=gone).order_by("gone", "silent", "-id")[:MOST_LISTED]


def _queues(runs: Any) -> list[Queue]:
    found = runs.filter(state__in=CLAIMABLE).values("pool", "organisation__name")
    counted = found.annotate(waiting=Count("pk"), oldest=Min("ready_at")).order_by("oldest")
    return [Queue(row["pool"], row["organisation__name"], row["waiting"], row["oldest"]) for row in counted]


def _leases(runs: Any) -> Leases:
    found = runs.filter(lease_until__isnull=False)
    return Leases(**found.aggregate(held=Count("pk"), expired=Count("pk", filter=Q(lease_until__lt=Now()))))


def _sweeper() -> Sweeper:
    late = ExpressionWrapper(Q(at__lt=Now() - SILENT_AFTER), output_field=BooleanField())
    last = SweeperPass.objects.annotate(late=late).first()
    return Sweeper(last, late=last is None or bool(last.late))
