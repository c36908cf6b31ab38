"""Verifying a run: the records walked over anew, no step called."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.ledger.services import record
from governance.releases.clearance import NotCleared
from runs.artifacts.opening import ArtifactDamaged
from runs.durable.claim import Claim
from runs.durable.plans import plan_under
from runs.durable.recordings import given_to, recorded_of
from runs.lineage.models import Edge
from runs.lineage.removed import refuse_removed
from runs.records.models import Run, Step
from runs.replay.records import altered, untold
from runs.replay.walk import Difference, Walk

NOT_AGAIN_WITHIN = timedelta(minutes=1)


@dataclass(frozen=True)
class Verdict:
    """What the walk found: how many steps of how many runs it went over, and every difference in order."""

    steps: int
    runs: int
    differences: tuple[Difference, ...]

    @property
    def holds(self) -> bool:
        """Whether the records are exactly what the definition yields."""
        return not self.differences


@transaction.atomic
def verify_run(run: Run, *, actor: User) -> Verdict:
    """Walk over the run's records and those of its parts, and record in the ledger that it was done.

    Raises `NotVisible` for a run out of reach, `WrongState` for one of which contents were removed. Nothing
    is called and nothing about the run changes.
    """
    authorise(actor, Permission.VIEW, project=run.project)
    found: list[Difference] = []
    steps = runs = 0
    for each in _with_parts(run):
        runs += 1
        refuse_removed(each, what="gone over")
        checked, differences = _walked(each)
        steps += checked
        found += differences
    verdict = Verdict(steps, runs, tuple(found))
    _tell(run, actor, verdict)
    return verdict


def _tell(run: Run, actor: User, verdict: Verdict) -> None:
    """Record it; the same found by the same person within a minute is told once."""
    first = verdict.differences[0] if verdict.differences else None
    details = {
        "holds": verdict.holds,
        "steps": verdict.steps,
        "runs": verdict.runs,
        "differences": len(verdict.differences),
        **({"node": first.node, "what": first.what} if first else {}),
    }
    lately = Event.objects.of_run(run.pk).filter(
        kind=Kind.RUN_VERIFIED, actor=actor.pk, at__gt=Now() - NOT_AGAIN_WITHIN
    )
    before = lately.last()
    if before is None or before.details != details:
        about = ("run", run.pk)
        record(
            Kind.RUN_VERIFIED,
            actor=actor,
            organisation=run.organisation_id,
            about=about,
            run=run.pk,
            details=details,
        )


def _with_parts(run: Run) -> Iterator[Run]:
    yield run
    for part in Run.objects.filter(parent=run).select_related("release").order_by("id"):
        yield from _with_parts(part)


def _walked(run: Run) -> tuple[int, list[Difference]]:
    steps = list(
        Step.objects.filter(run=run)
        .select_related("output")
        .defer("output__inline")
        .order_by("position", "attempt")
    )
    try:
        held = _standing(run)
        plan = plan_under(run.release, run.version_id, run.overrides)
        recorded = recorded_of(held) if run.first_item is not None else given_to(run.pk)
    except (NotCleared, ArtifactDamaged) as problem:
        return 0, [
            Difference(run.pk, run.cursor, run.position, "stored content", "unaltered", problem.message)
        ]
    walk = Walk(run, held, plan, recorded, steps, _edges(run.pk))
    differences = [*walk.differences(), *altered(run, steps), *untold(run, steps)]
    return walk.checked, differences


def _edges(run: UUID) -> dict[UUID, list[Edge]]:
    found: dict[UUID, list[Edge]] = {}
    for edge in (
        Edge.objects.filter(step__run=run).select_related("artifact").defer("artifact__inline").order_by("id")
    ):
        found.setdefault(edge.step_id, []).append(edge)
    return found


def _standing(run: Run) -> Claim:
    """The run as a worker would hold it, at its beginning."""
    return Claim(
        run=run.pk,
        organisation=run.organisation_id,
        project=run.project_id,
        environment=run.environment_id,
        release=run.release_id,
        version=run.version_id,
        state=run.state,
        epoch=run.lease_epoch,
        cursor=run.cursor,
        position=0,
        attempt=1,
        parent=run.parent_id,
        parent_position=run.parent_position,
        first_item=run.first_item,
        end_item=run.end_item,
        memory_snapshot=run.memory_snapshot,
        recalls_from=run.recalls_from_id,
    )
