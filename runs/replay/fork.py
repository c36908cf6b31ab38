"""A new run that begins where another one stood: its steps up to there copied, the rest executed anew."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from governance.accounts.models import User
from governance.errors import WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.prepared import rows
from governance.releases.clearance import cleared
from governance.releases.models import Environment
from governance.releases.outward import refuse_shut
from runs.durable.asks import asked_from
from runs.durable.kin import lock_kin
from runs.durable.plans import Plan, plan_under
from runs.durable.pools import pool_at
from runs.durable.queueing import announce_ready
from runs.records.derived import derived
from runs.records.models import Run, RunInput
from runs.replay.asking import Asked, asked_of, identifiers
from runs.replay.fitting import Overrides, checked, node_at, place_of, refuse_again, refuse_effects

FORK = (Path(__file__).parent / "sql" / "fork.sql").read_bytes()


@transaction.atomic
def fork_run(
    run: Run,
    *,
    actor: User,
    position: int,
    reason: str,
    overrides: Overrides | None = None,
    environment: Environment | None = None,
    idempotency_key: str | None = None,
) -> tuple[Run, bool]:
    """A run that takes over the steps before `position` and executes the rest anew.

    Returns it, queued, and whether it is new: a repeated key with the same request returns the first.
    With `overrides` it is an experiment that nobody has approved: it runs in an environment that is not
    protected, and only where its steps change nothing outside. Raises `NotVisible` or `NotAllowed` without
    "Start, resume and cancel runs", `Invalid` for a position or a version that does not fit, or where a node
    from there on asks what is not open to the environment, `WrongState` for a run that cannot be forked, or
    not there (see `runs.replay.begins`), or a key used for another request, `NotCleared` when the release may
    not run.
    """
    wanted = identifiers(overrides or {})
    place_asked = None if environment is None else str(environment.pk)
    chosen = {"position": position, "overrides": wanted, "environment": place_asked}
    asked = asked_of(run, actor=actor, origin=Run.Origin.FORK, reason=reason, key=idempotency_key, **chosen)
    lock_kin(asked.source)
    if first := asked.first():
        return first, False
    run, plan = asked.source, _plan(asked)
    cursor = node_at(run, plan, position)
    # A fork of an experiment is one: the steps that it takes over were made by what nobody has approved.
    stored = _merged(run.overrides, checked(run, plan, position, overrides or {}, actor))
    place = place_of(run, environment, stored)
    if stored:
        refuse_effects(plan, cursor)
    refuse_again(run, plan, position, cursor, place)
    return _begun(asked, plan, position=position, cursor=cursor, overrides=stored, place=place)


@transaction.atomic
def replay_run(run: Run, *, actor: User, reason: str, idempotency_key: str | None = None) -> tuple[Run, bool]:
    """The pinned versions run anew on the recorded inputs, to be held beside the run. As `fork_run`.

    Only where its steps change nothing outside: what was done once is not done again for a comparison.
    """
    asked = asked_of(run, actor=actor, origin=Run.Origin.REPLAY, reason=reason, key=idempotency_key)
    if first := asked.first():
        return first, False
    run = asked.source
    if run.overrides:
        raise WrongState("This run is an experiment with other versions: fork it instead.")
    plan = _plan(asked)
    refuse_effects(plan, plan.workflow.start)
    return _begun(asked, plan, position=0, cursor=plan.workflow.start, overrides={}, place=run.environment)


def _plan(asked: Asked, overrides: Mapping[str, Mapping[str, str]] | None = None) -> Plan:
    """What the run was started with, or would be with these. Raises `NotCleared` when it may not run."""
    run = asked.source
    return plan_under(cleared(run.release_id), run.version_id, overrides or run.overrides)


def _merged(
    inherited: Mapping[str, Mapping[str, str]], own: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """Both: of a node that both name, each kind of version by itself."""
    return {node: {**inherited.get(node, {}), **own.get(node, {})} for node in {**inherited, **own}}


def _begun(
    asked: Asked,
    plan: Plan,
    *,
    position: int,
    cursor: str,
    overrides: dict[str, dict[str, str]],
    place: Environment,
) -> tuple[Run, bool]:
    """In this transaction: the new run with the steps before it, its inputs and its event."""
    tried = _plan(asked, overrides) if overrides else plan
    refuse_shut(place, asked_from(tried, cursor))
    run, seconds = asked.source, plan.workflow.deadline_s
    compares = bool(overrides) or asked.origin == Run.Origin.REPLAY
    fork = derived(
        run,
        environment_id=place.pk,
        approvals=[] if overrides else run.approvals,
        idempotency_key=asked.key,
        request_digest=asked.digest,
        origin=asked.origin,
        started_by_id=asked.actor.pk,
        started_by_name=asked.actor.name,
        source=run,
        source_position=position,
        overrides=overrides,
        recalls_from_id=run.memory_of if compares else run.recalls_from_id,
        deadline_at=None if seconds is None else Now() + timedelta(seconds=seconds),
        pool=pool_at(plan.workflow, cursor),
        cursor=cursor,
        position=position,
    )
    if first := _saved(fork, asked):
        return first, False
    copied = _copied(run, fork)
    _record(asked, fork, {"position": position, "steps": copied, "overrides": overrides})
    announce_ready([fork])
    return fork, True


def _saved(fork: Run, asked: Asked) -> Run | None:
    """Save it, unless somebody else has committed the same key since we looked: then that run."""
    try:
        with transaction.atomic():
            fork.save(force_insert=True)
    except IntegrityError:
        if (first := asked.first()) is None:
            raise
        return first
    fork.refresh_from_db(fields=["deadline_at"])
    return None


def _copied(run: Run, fork: Run) -> int:
    """The inputs, and the steps before the fork; how many steps."""
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
    [found] = rows(FORK, {"source": run.pk, "run": fork.pk, "position": fork.source_position})
    return int(found.steps)


def _record(asked: Asked, fork: Run, about: Mapping[str, object]) -> None:
    record(
        Kind.RUN_STARTED,
        actor=asked.actor,
        organisation=fork.organisation_id,
        about=("run", fork.pk),
        run=fork.pk,
        details={
            "origin": str(asked.origin),
            "source": str(asked.source.pk),
            **({"reference": fork.reference} if fork.reference else {}),
            **about,
            "reason": asked.reason,
            "sha256": fork.closure_digest,
            "environment": fork.environment.slug,
        },
    )
