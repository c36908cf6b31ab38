"""Cancelling a run that has done what can be undone."""

from typing import Any

import pytest
from django.db.models.functions import Now

from governance.errors import WrongState
from governance.ledger.identity import uuid7
from governance.ledger.models import Event
from runs.durable.cancel import cancel_run, may_cancel
from runs.durable.checkpoint import checkpoint
from runs.durable.claim import claim
from runs.durable.drive import drive
from runs.durable.machine import State
from runs.durable.moves import stopped
from runs.durable.pause import pause_run
from runs.durable.review import record_effect, repeat_step
from runs.durable.sweep import sweep
from runs.durable.why import why_not_moving
from runs.records.failure import Failure
from runs.records.models import Run
from tests.durable.scripts import Killed, call, graph, marks, script, undoable
from tests.durable.turning import again, settle, work
from tests.factories.cast import Company
from tests.factories.runs import begin, expire, finish, released

BOOM = RuntimeError("no ink")
# Two steps that can be undone, one between them that cannot, and one that may fail.
FOUR = (undoable("a"), call("plain"), undoable("b"))


def started(company: Company, *nodes: dict[str, Any]) -> Run:
    """A run of these nodes, or of the four."""
    return begin(company, released(company, graph(*(nodes or (*FOUR, call("last"))))))


def undone(run: Run) -> list[tuple[str, int, str]]:
    """The steps that undo others: whose, at which position, how they ended."""
    steps = run.steps.exclude(compensates=None).order_by("position", "attempt")
    return [(step.node, step.compensates or 0, step.state) for step in steps]


def test_why_it_was_cancelled_is_not_lost_when_the_step_in_hand_fails(northwind: Company) -> None:
    again_and_again = {"attempts": 3, "first_delay_ms": 60_000}
    run = begin(northwind, released(northwind, graph(undoable("a"), call("b", retry=again_and_again))))

    def cancelled_meanwhile() -> None:
        cancel_run(Run.objects.get(pk=run.pk), actor=northwind.operator, reason="stop it")
        raise RuntimeError("no ink")

    with script(b=[cancelled_meanwhile]):
        done = settle(run)

    assert done.state == "compensated"
    assert "Reason: stop it" in why_not_moving(done)


def test_cancelling_a_waiting_run_undoes_what_it_did(northwind: Company) -> None:
    run = started(northwind, undoable("a"), {"kind": "timer", "key": "pause", "seconds": 3600}, call("last"))
    assert finish(run).state == "waiting"

    cancelled = cancel_run(again(run), actor=northwind.operator, reason="Sent by mistake.")

    assert (cancelled.state, cancelled.finished_at) == ("compensating", None)
    with script():
        done = settle(run)
        assert marks() == ["undo_a"]
    assert done.state == "compensated"
    assert done.error is not None
    assert (done.error.code, done.error.detail) == ("cancelled", "Sent by mistake.")


@pytest.mark.parametrize("last", [False, True], ids=["step in the middle", "last step"])
def test_cancelling_while_a_step_is_executed_finishes_it_first_and_undoes_it_too(
    northwind: Company, last: bool
) -> None:
    nodes = [undoable("a"), undoable("b"), *([] if last else [call("last")])]
    run = started(northwind, *nodes)

    def cancelled() -> None:
        asked = cancel_run(again(run), actor=northwind.operator, reason="Stop.")
        assert (asked.state, asked.asked) == ("running", "cancel")

    with script(b=[cancelled]):
        done = finish(run)
        assert marks() == ["a", "b", "undo_b", "undo_a"]

    assert done.state == "compensated"
    assert undone(done) == [("b", 1, "succeeded"), ("a", 0, "succeeded")]
    assert done.error is not None
    assert (done.error.code, done.error.detail) == ("cancelled", "Stop.")
    assert (done.output, done.asked) == (None, "")
    assert not Event.objects.of_run(run.pk).filter(kind="run.succeeded").exists()


def test_cancelling_before_anything_was_done_just_cancels(northwind: Company) -> None:
    run = started(northwind)

    def cancelled() -> None:
        cancel_run(again(run), actor=northwind.operator, reason="Stop.")

    with script(a=[cancelled, BOOM]):
        done = finish(run)
        assert marks() == ["a", "undo_a"], "the step in hand has succeeded meanwhile"
    assert done.state == "compensated"

    other = started(northwind)
    cancel_run(other, actor=northwind.operator, reason="Stop.")
    assert again(other).state == "cancelled"


def test_cancelling_while_the_first_step_fails_ends_cancelled(northwind: Company) -> None:
    run = started(northwind)

    def cancelled() -> None:
        cancel_run(again(run), actor=northwind.operator, reason="Stop.")
        raise BOOM

    with script(a=[cancelled]):
        done = finish(run)
        assert marks() == ["a"]

    assert (done.state, done.asked, done.lease_until) == ("cancelled", "", None)
    assert done.error is not None
    assert (done.error.code, done.error.detail) == ("cancelled", "Stop.")
    assert [(step.node, step.state) for step in done.steps.all()] == [("a", "failed")]
    ends = Event.objects.of_run(run.pk).filter(kind__in=["run.failed", "run.cancelled"])
    assert [event.kind for event in ends] == ["run.cancelled"]


def test_cancelling_while_a_step_is_about_to_wait_does_not_let_it_wait(northwind: Company) -> None:
    policy = {"attempts": 3, "first_delay_ms": 3_600_000}
    run = started(northwind, undoable("a"), call("b", retry=policy))

    def cancelled() -> None:
        cancel_run(again(run), actor=northwind.operator, reason="Stop.")
        raise BOOM

    with script(b=[cancelled]):
        finish(run)
        assert again(run).state != "waiting", "it does not sit out an hour first"
        work()
        done = settle(run)
        assert marks() == ["a", "b", "undo_a"]

    assert done.state == "compensated"


PAYS = {"a": undoable("a"), "pay": undoable("pay") | {"effect": "unsafe"}}


def unknown(company: Company, *, cancelled: str, last: bool) -> Run:
    """Its worker died while it paid; it was cancelled meanwhile, afterwards, or once that was known."""
    run = started(company, *PAYS.values(), *([] if last else [call("last")]))

    def die() -> None:
        if cancelled == "before":
            cancel_run(again(run), actor=company.operator, reason="Stop.")
        raise Killed

    with script(pay=[die]):
        with pytest.raises(Killed):
            drive(run.pk, worker="killed")
        if cancelled == "paused meanwhile":
            pause_run(again(run), actor=company.operator, reason="Wait.")
        expire(run)
        if cancelled == "paused meanwhile":
            assert finish(run).state == "paused"
            cancel_run(again(run), actor=company.operator, reason="Stop.")
        if cancelled == "taken back":
            assert sweep().recovered == 1
            cancel_run(again(run), actor=company.operator, reason="Stop.")
        finish(run)
    if cancelled == "after":
        cancel_run(again(run), actor=company.operator, reason="Stop.")
    return again(run)


@pytest.mark.parametrize("last", [False, True], ids=["step in the middle", "last step"])
@pytest.mark.parametrize("cancelled", ["before", "taken back", "paused meanwhile", "after"])
@pytest.mark.parametrize("took_effect", [True, False])
def test_what_nobody_knows_of_is_asked_before_the_cancellation_goes_on(
    northwind: Company, cancelled: str, took_effect: bool, last: bool
) -> None:
    run = unknown(northwind, cancelled=cancelled, last=last)
    assert (run.state, run.asked) == ("needs_review", "cancel")
    assert "The run is cancelled, and what it did undone, once" in why_not_moving(run)
    assert not may_cancel(run)
    with pytest.raises(WrongState, match="cancelled already"):
        cancel_run(run, actor=northwind.operator, reason="Stop!")
    said: dict[str, Any] = {"actor": northwind.operator, "reason": "I looked."}

    with script():
        if took_effect:
            record_effect(run, output={"text": "paid"}, **said)
        else:
            repeat_step(run, **said)
        done = settle(run)
        assert marks() == (["undo_pay", "undo_a"] if took_effect else ["undo_a"])

    assert (done.state, done.asked, done.output) == ("compensated", "", None)
    assert done.error is not None
    assert (done.error.code, done.error.detail) == ("cancelled", "Stop.")
    asked = Event.objects.of_run(run.pk).filter(kind="run.cancel_asked")
    assert [event.details["reason"] for event in asked] == ["Stop."]


def test_what_cannot_be_undone_need_not_be_known_to_cancel(northwind: Company) -> None:
    pay = call("pay", effect="unsafe", irreversible="It is paid.")
    run = started(northwind, undoable("a"), pay, call("last"))
    with script(pay=[Killed()]), pytest.raises(Killed):
        drive(run.pk, worker="killed")
    expire(run)
    assert finish(run).state == "needs_review"

    assert cancel_run(again(run), actor=northwind.operator, reason="Stop.").state == "compensating"


def test_a_pause_that_was_asked_for_before_a_review_holds_after_it(northwind: Company) -> None:
    run = started(northwind, undoable("a"), call("last"))
    held = claim(run.pk, worker="w")
    assert held is not None
    pause_run(again(run), actor=northwind.operator, reason="Wait.")
    failure = Failure("outcome_unknown", "Nobody knows", "", "a")
    assert checkpoint(held, [], stopped(State.NEEDS_REVIEW, "a", failure)) is not None

    record_effect(again(run), actor=northwind.operator, output={}, reason="I looked.")

    with script():
        done = finish(run)
        assert (done.state, done.position, marks()) == ("paused", 1, [])


def test_what_has_been_undone_is_not_undone_or_cancelled_again(northwind: Company) -> None:
    with script(last=[BOOM]):
        done = finish(started(northwind))

    assert drive(done.pk, worker="again") is False
    with pytest.raises(Exception, match="cannot be cancelled"):
        cancel_run(done, actor=northwind.operator, reason="x")


def test_undoing_begins_by_postgresqls_clock(northwind: Company) -> None:
    """A cancelled run is looked at at once, whatever the clock of the machine that cancelled it says."""
    run = started(northwind, undoable("a"), {"kind": "timer", "key": "pause", "seconds": 3600}, call("last"))
    finish(run)

    cancel_run(again(run), actor=northwind.operator, reason="x")

    assert Run.objects.filter(pk=run.pk, wake_at__lte=Now()).exists()


def test_a_fork_does_not_undo_what_its_source_did(northwind: Company) -> None:
    run = started(northwind)
    with script(last=[BOOM]):
        source = finish(run)
    fork = forked(source, before=2)

    with script(last=[BOOM]):
        done = finish(fork)
        assert marks() == ["b", "last", "undo_b"]

    assert done.state == "compensated"
    assert undone(done) == [("b", 2, "succeeded")]


def forked(source: Run, *, before: int) -> Run:
    """A run that begins with a copy of the source's first steps."""
    steps = list(source.steps.filter(position__lt=before).order_by("position"))
    inputs = list(source.inputs.all())
    fork = Run.objects.get(pk=source.pk)
    fork.pk, fork.source, fork.source_position, fork.origin = uuid7(), source, before, Run.Origin.FORK
    fork.state, fork.cursor, fork.position, fork.attempt = "queued", "b", before, 1
    fork.error, fork.finished_at, fork.lease_epoch, fork.idempotency_key = None, None, 0, None
    fork._state.adding = True
    fork.save(force_insert=True)
    rows: list[Any] = [*inputs, *steps]
    for row in rows:
        row.pk, row.run = uuid7(), fork
        row._state.adding = True
        row.save(force_insert=True)
    return fork
