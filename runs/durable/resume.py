"""Letting a stopped run go on from where it stopped."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone

from governance.accounts.models import User
from governance.catalog.calls import effect_of
from governance.catalog.nodes import call_of
from governance.errors import WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import Actor, record
from governance.ledger.text import storable
from governance.releases.clearance import NotCleared
from runs.durable.deeds import wrong_to_resume
from runs.durable.kin import lock_oldest
from runs.durable.machine import State
from runs.durable.operating import family_of, refusal, refuse_part
from runs.durable.pause import LONGEST_REASON
from runs.durable.plans import plan_of
from runs.durable.queueing import announce_ready, made_ready
from runs.records.models import Run, Step

RESUMABLE = frozenset({State.FAILED, State.QUARANTINED})
WITH_ITS_WHOLE = "The run that it is a part of went on."
TOO_LATE = (
    "The run's deadline has passed: resumed, it would fail at once. Where one may begin, a fork has the "
    "whole time of its workflow."
)


def may_resume(run: Run) -> bool:
    """Whether the run has stopped, has time left to go on in, and would do nothing that its kin did."""
    late = run.deadline_at and run.deadline_at <= timezone.now()
    return run.state in RESUMABLE and not late and not wrong_to_resume(run)


def attempts_when_resumed(run: Run) -> int:
    """How many attempts at most the step gets at which the run has stopped, once it is resumed."""
    try:
        call = call_of(plan_of(run.version_id, run.version.digest).workflow.node(run.cursor))
    except (NotCleared, KeyError):
        return 1
    return call.retry.attempts if call is not None and call.retry is not None else 1


@transaction.atomic
def resume_run(run: Run, *, actor: User, reason: str) -> Run:
    """Queue a stopped run again: its committed steps stay, the step that failed is attempted anew, as often
    as its node says.

    Parts of it that had stopped go on as well. It goes on with exactly the versions it was started with.
    Raises `NotVisible` or `NotAllowed` without "Start, resume and cancel runs", `Invalid` without a reason,
    `WrongState` for a run that has not failed, whose deadline has passed, or that is a part of another; also
    where one that was made from it, or that it was made from, has done, or is about to do, what this one
    would do when it goes on.
    """
    lock_oldest(run)
    run, *parts = family_of(run, actor=actor, of=RESUMABLE)
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say why you resume the run.")
    refuse_part(run, "resume")
    if run.state not in RESUMABLE:
        raise refusal(run, "Only a failed run can be resumed")
    if Run.objects.filter(pk=run.pk, deadline_at__lte=Now()).exists():
        raise WrongState(TOO_LATE)
    if wrong := wrong_to_resume(run):
        raise WrongState(wrong)
    taken_up = [run, *_stopped_parts(run, parts)]
    for each in taken_up:
        _take_up(each, actor, reason)
    announce_ready(taken_up)
    return run


def goes_on_again(part: Run) -> bool:
    """Whether a part that has stopped may go on without an operator: nothing unsafe is repeated by that."""
    if part.state == State.COMPENSATED:
        return True
    stopped = [part, *_stopped_parts(part, _below(part))]
    return part.state in RESUMABLE and not any(_stands_at_unsafe(each) for each in stopped)


def take_up(part: UUID, *, actor: Actor) -> None:
    """In this transaction: a part that has stopped goes on, with those of its own that have.

    Whoever locks parts first, as all do but for the worker that calls this, is not waited for: the error is
    that of a broken connection, and the worker tries again.
    """
    found = Run.objects.select_for_update(of=("self",), nowait=True).get(pk=part)
    taken_up = [found, *_stopped_parts(found, _below(found))]
    for each in taken_up:
        _take_up(each, actor, WITH_ITS_WHOLE)
    announce_ready(taken_up)


def _below(run: Run) -> list[Run]:
    """The parts of a run that have stopped, and theirs."""
    parts = list(Run.objects.filter(parent=run, state__in=RESUMABLE).select_related("version__asset"))
    return [each for part in parts for each in (part, *_below(part))]


def _stands_at_unsafe(run: Run) -> bool:
    call = call_of(plan_of(run.version_id, run.version.digest).workflow.node(run.cursor))
    return call is not None and effect_of(call) == "unsafe"


def _stopped_parts(run: Run, stopped: Sequence[Run]) -> list[Run]:
    """Of those that have stopped: the parts of the step at which the run stands, and theirs.

    Of the workflows that a step has run, one for each of its attempts, the last.
    """
    made = Run.objects.filter(parent=run, parent_position=run.position, first_item=None)
    last = made.order_by("-id").values_list("pk", flat=True).first()
    here = [part for part in stopped if part.parent_id == run.pk and part.parent_position == run.position]
    parts = [part for part in here if part.first_item is not None or part.pk == last]
    return [each for part in parts for each in (part, *_stopped_parts(part, stopped))]


def _take_up(run: Run, actor: Actor, reason: str) -> None:
    tried = Step.objects.filter(run=run, position=run.position).aggregate(last=Max("attempt"))["last"]
    stopped_by = run.error.code if run.error else ""
    run.error, run.finished_at = None, None
    run.attempt, run.recoveries = (tried or 0) + 1, 0
    made_ready(run, changed=["error", "finished_at", "attempt", "recoveries"])
    record(
        Kind.RUN_RESUMED,
        actor=actor,
        organisation=run.organisation_id,
        about=("run", run.pk),
        run=run.pk,
        details={
            "node": run.cursor,
            "position": run.position,
            "attempt": run.attempt,
            "stopped_by": stopped_by,
            "reason": reason,
        },
    )
