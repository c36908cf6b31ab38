"""A new run that begins where another one stood: its steps up to there copied, the rest executed anew."""

from pathlib import Path

from django.db import transaction

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.errors import WrongState
from governance.ledger.identity import uuid7
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import storable
from governance.prepared import rows
from governance.releases.clearance import cleared
from governance.releases.models import Environment
from runs.durable.announce import announce
from runs.durable.plans import plan_under
from runs.records.models import Run, RunInput
from runs.replay.fitting import Overrides, checked, node_at, place_of, refuse_effects

FORK = (Path(__file__).parent / "sql" / "fork.sql").read_bytes()
LONGEST_REASON = 1000


@transaction.atomic
def fork_run(
    run: Run,
    *,
    actor: User,
    position: int,
    reason: str,
    overrides: Overrides | None = None,
    environment: Environment | None = None,
) -> Run:
    """A run that takes over the steps before `position` and executes the rest anew; returns it, queued.

    With `overrides` it is an experiment that nobody has approved: it runs in an environment that is not
    protected, and only where its steps change nothing outside. Raises `NotVisible` or `NotAllowed` without
    "Start, resume and cancel runs", `Invalid` for a position or a version that does not fit, `WrongState`
    for a run that cannot be forked, `NotCleared` when the release may not run.
    """
    run = Run.objects.select_related("project", "release", "version__asset").get(pk=run.pk)
    authorise(actor, Permission.OPERATE, project=run.project)
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say why you fork the run.")
    if run.parent_id is not None:
        raise WrongState("This run is a part of another one: fork that one.")
    plan = plan_under(cleared(run.release_id), run.version_id, {})
    cursor = node_at(run, plan, position)
    chosen = checked(run, plan, position, overrides or {}, actor)
    place = place_of(run, environment, chosen)
    if chosen:
        refuse_effects(run, plan, position)
    return _copied(run, actor, position, cursor, chosen, place, reason, Run.Origin.FORK)


@transaction.atomic
def replay_run(run: Run, *, actor: User, reason: str) -> Run:
    """The pinned versions run anew on the recorded inputs, to be held beside the run. Raises as `fork_run`.

    Only where its steps change nothing outside: what was done once is not done again for a comparison.
    """
    run = Run.objects.select_related("project", "release", "version__asset", "environment").get(pk=run.pk)
    authorise(actor, Permission.OPERATE, project=run.project)
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say why you replay the run.")
    if run.parent_id is not None:
        raise WrongState("This run is a part of another one: replay that one.")
    if run.overrides:
        raise WrongState("This run is an experiment with other versions: fork it instead.")
    plan = plan_under(cleared(run.release_id), run.version_id, {})
    refuse_effects(run, plan, 0)
    return _copied(run, actor, 0, plan.workflow.start, {}, run.environment, reason, Run.Origin.REPLAY)


def _copied(
    run: Run,
    actor: User,
    position: int,
    cursor: str,
    overrides: dict[str, dict[str, str]],
    place: Environment,
    reason: str,
    origin: Run.Origin,
) -> Run:
    """In this transaction: the new run with the steps before it, its inputs and its event."""
    fork = Run(
        id=uuid7(),
        organisation_id=run.organisation_id,
        project_id=run.project_id,
        workflow_id=run.workflow_id,
        version_id=run.version_id,
        release_id=run.release_id,
        environment=place,
        closure_digest=run.closure_digest,
        approvals=[] if overrides else run.approvals,
        reference=run.reference,
        request_digest=run.request_digest,
        origin=origin,
        started_by=actor,
        started_by_name=actor.name,
        source=run,
        source_position=position,
        overrides=overrides,
        priority=run.priority,
        memory_snapshot=run.memory_snapshot,
        cursor=cursor,
        position=position,
    )
    fork.save(force_insert=True)
    RunInput.objects.bulk_create(
        RunInput(
            run=fork,
            name=given.name,
            filename=given.filename,
            artifact_id=given.artifact_id,
            classification=given.classification,
        )
        for given in run.inputs.all()
    )
    [found] = rows(FORK, {"source": run.pk, "run": fork.pk, "position": position})
    details = {
        "origin": str(origin),
        "source": str(run.pk),
        "position": position,
        "steps": found.steps,
        "overrides": overrides,
        "reason": reason,
        "sha256": run.closure_digest,
        "environment": place.slug,
    }
    record(
        Kind.RUN_STARTED,
        actor=actor,
        organisation=run.organisation_id,
        about=("run", fork.pk),
        run=fork.pk,
        details=details,
    )
    transaction.on_commit(lambda: announce([fork.pk], pool=fork.pool))
    return fork
