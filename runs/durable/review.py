"""Deciding on a step of which nobody knows whether it took effect: an operator has looked, and says so."""

import time
from dataclasses import replace
from typing import Any

from django.db import transaction

from governance.accounts.models import User
from governance.catalog.calls import FunctionCall
from governance.errors import Invalid, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import storable
from runs.artifacts.store import Content, json_content
from runs.durable.announce import announce_each
from runs.durable.checkpoint import checkpoint
from runs.durable.claim import claim
from runs.durable.failures import StepFailed
from runs.durable.machine import State, next_node
from runs.durable.moves import Move, handed_over, succeeded
from runs.durable.operating import cancelled_by, next_attempt, operated, refusal
from runs.durable.outcomes import Outcome
from runs.durable.plans import plan_of
from runs.durable.queueing import announce_ready, made_ready
from runs.durable.recordings import recorded_of
from runs.durable.remembering import kept
from runs.durable.told import Told
from runs.durable.undoable import cancelled
from runs.durable.visiting import visit_of
from runs.durable.visits import Visit, classification_of, kind_of
from runs.records.models import Run

LONGEST_REASON = 1000
LARGEST_OUTPUT = 1_000_000
HOW = "Say how you know whether the step took effect."


def may_review(run: Run) -> bool:
    """Whether the run waits for an operator's word on its step."""
    return run.state == State.NEEDS_REVIEW


@transaction.atomic
def record_effect(run: Run, *, actor: User, output: Any, reason: str) -> Run:
    """The step took effect: it is recorded as succeeded, with this JSON value as its output.

    It is one more attempt, whose executor is the operator; what the step would have left in memory is left
    there, as the operator's. The run goes on after it, or has this undone too where it was to be cancelled.
    Raises `NotVisible` or `NotAllowed` without "Start, resume and cancel runs", `Invalid` without a reason or
    for an output that cannot be recorded or remembered, `WrongState` for a run that needs no review.
    """
    run, reason = _reviewed(run, actor, reason)
    content, attempt = _content(output), next_attempt(run)
    _decided(run, actor, {"decision": "recorded the effect of", "attempt": attempt, "reason": reason})
    _go_on(run, attempt)
    _committed(run, content, actor, reason)
    done = Run.objects.get(pk=run.pk)
    if done.state == State.COMPENSATING:
        transaction.on_commit(lambda: announce_each([run.pk]))
    else:
        announce_ready([done])
    return done


@transaction.atomic
def repeat_step(run: Run, *, actor: User, reason: str) -> Run:
    """The step did not take effect, or may do so twice: it is attempted once more.

    Unless the run was to be cancelled: then that goes on. Raises `NotVisible` or `NotAllowed` without "Start,
    resume and cancel runs", `Invalid` without a reason, `WrongState` for a run that needs no review.
    """
    run, reason = _reviewed(run, actor, reason)
    attempt = next_attempt(run)
    _decided(run, actor, {"decision": "repeated", "attempt": attempt, "reason": reason})
    _go_on(run, attempt)
    announce_ready([run])
    return run


def _reviewed(run: Run, actor: User, reason: str) -> tuple[Run, str]:
    run = operated(run, actor=actor)
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing=HOW)
    if not may_review(run):
        raise refusal(run, "Only a step under review can be decided on")
    return run, reason


def _go_on(run: Run, attempt: int) -> None:
    """Among those that wait for a worker; one that is to be cancelled says so again, and by whom."""
    run.attempt, run.recoveries = attempt, 0
    run.error = cancelled_by(run) if run.asked == Run.Asked.CANCEL else None
    made_ready(run, changed=["attempt", "recoveries", "error"])


def _decided(run: Run, actor: User, details: dict[str, Any]) -> None:
    record(
        Kind.RUN_REVIEWED,
        actor=actor,
        organisation=run.organisation_id,
        about=("run", run.pk),
        run=run.pk,
        details={"node": run.cursor, "position": run.position, **details},
    )


def _content(output: Any) -> Content:
    try:
        return json_content(output, max_bytes=LARGEST_OUTPUT, what="The output")
    except Invalid as problem:
        raise Invalid(problem.message, fields={"output": problem.message}) from problem


def _committed(run: Run, content: Content, actor: User, reason: str) -> None:
    """In this transaction: claim the run, and commit the step as a worker would."""
    held = claim(run.pk, worker=f"{actor.name}, by hand")
    if held is None:
        raise WrongState("This run was changed meanwhile: look at it again.")
    plan = plan_of(run.version_id, run.version.digest)
    visit = visit_of(
        held, plan, recorded_of(held), cursor=held.cursor, position=held.position, attempt=held.attempt
    )
    moment = time.monotonic()
    told = Told(
        node=visit.name,
        position=visit.position,
        attempt=visit.attempt,
        outcome=_kept(visit, _outcome(visit, content, actor, reason), actor),
        began=moment,
        ended=moment,
        advances=True,
        item=visit.item,
    )
    if checkpoint(held, [told], _after(visit, content, told)) is None:
        raise WrongState("This run was changed meanwhile: look at it again.")


def _outcome(visit: Visit, content: Content, actor: User, reason: str) -> Outcome:
    return Outcome(
        kind=kind_of(visit),
        inputs=visit.inputs,
        output=content,
        classification=classification_of(visit),
        function=visit.call.function if isinstance(visit.call, FunctionCall) else "",
        labels={"recorded_by": actor.name},
        facts={"recorded_by": actor.name, "recorded_by_id": str(actor.pk), "reason": reason},
    )


def _kept(visit: Visit, outcome: Outcome, actor: User) -> Outcome:
    """With what it leaves in memory. Raises `Invalid` where another output could be remembered and must be.

    Not of a run that is to be cancelled, nor where the key comes from elsewhere: then the step says why not.
    """
    try:
        return kept(visit, outcome, by=actor)
    except (StepFailed, Invalid) as problem:
        remember = visit.call.remember if visit.call else None
        own_key = remember is not None and remember.key.split(".")[0] == visit.name
        if visit.held.asked != Run.Asked.CANCEL and (own_key or isinstance(problem, Invalid)):
            why = f"It cannot be remembered as this step should: {problem}"
            raise Invalid(why, fields={"output": why}) from problem
        return replace(outcome, facts={**outcome.facts, "not_remembered": str(problem)})


def _after(visit: Visit, content: Content, told: Told) -> Move:
    """To the node that comes next, for a worker to take up; of a slice to its next item; or to the end.

    Where the run is to be cancelled: to undoing what it did, this step before the others.
    """
    held, workflow = visit.held, visit.plan.workflow
    if held.asked == Run.Asked.CANCEL:
        move = cancelled(visit.plan, held, [told], cursor=visit.name, attempt=1)
        return replace(move, held=False, wake_in=0 if move.held else None)
    if visit.item is not None:
        last = visit.item + 1 == held.end_item
        return succeeded(visit.name, None) if last else _handed(visit, visit.name)
    following = next_node(workflow, visit.name)
    if following is not None:
        return _handed(visit, following)
    made = content.identifier(held.organisation)
    output = made if workflow.output == visit.name else visit.recorded[workflow.output].artifact
    return succeeded(visit.name, output)


def _handed(visit: Visit, node: str) -> Move:
    return handed_over(node, attempt=1, pool=visit.held.pool)
