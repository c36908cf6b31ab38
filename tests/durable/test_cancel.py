"""Ending a run for good."""

import pytest

from governance.errors import Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.models import Event
from runs.durable.cancel import cancel_run
from runs.durable.claim import claim
from runs.durable.drive import drive
from runs.durable.resume import resume_run
from runs.durable.why import why_not_moving
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, expire, finish, released
from tests.factories.standing import call, driven, workflow


def test_a_waiting_run_is_cancelled_and_never_driven(northwind: Company) -> None:
    run = begin(northwind, released(northwind, chain(1)))

    cancelled = cancel_run(run, actor=northwind.operator, reason="sent by mistake")

    assert cancelled.state == Run.State.CANCELLED
    assert cancelled.finished_at is not None
    assert drive(run.pk, worker="test") is False
    said = f"Cancelled by {northwind.operator.name} at “step_0”. Reason: sent by mistake"
    assert why_not_moving(Run.objects.get(pk=run.pk)) == said
    [event] = Event.objects.of_run(run.pk).filter(kind="run.cancelled")
    assert event.details == {"reason": "sent by mistake", "was": "queued", "node": "step_0"}


def test_one_whose_worker_is_gone_is_cancelled_by_the_next(northwind: Company) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    assert claim(run.pk, worker="busy") is not None

    asked = cancel_run(run, actor=northwind.operator, reason="stop")
    assert (asked.state, asked.asked) == ("running", "cancel")
    expire(run)

    cancelled = finish(run)
    assert (cancelled.state, cancelled.lease_owner, cancelled.lease_until) == ("cancelled", "", None)
    assert cancelled.steps.count() == 0


def test_a_failed_run_can_be_cancelled_and_then_not_resumed(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(1, function="returns@1", what="raise"))))

    cancel_run(run, actor=northwind.operator, reason="hopeless")

    with pytest.raises(WrongState):
        resume_run(run, actor=northwind.operator, reason="It is mended.")


def test_what_has_ended_stays_as_it_is(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(1))))

    with pytest.raises(WrongState, match="succeeded"):
        cancel_run(run, actor=northwind.operator, reason="too late")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001, "a\x00", "\ud800"])
def test_a_reason_is_needed(northwind: Company, reason: str) -> None:
    run = begin(northwind, released(northwind, chain(1)))

    with pytest.raises(Invalid) as refusal:
        cancel_run(run, actor=northwind.operator, reason=reason)

    assert "reason" in refusal.value.fields


def test_only_operators_cancel(northwind: Company, rival: Company) -> None:
    run = begin(northwind, released(northwind, chain(1)))

    with pytest.raises(NotAllowed):
        cancel_run(run, actor=northwind.author, reason="x")
    with pytest.raises(NotVisible):
        cancel_run(run, actor=rival.operator, reason="x")


def test_a_failed_run_that_is_cancelled_has_what_it_did_undone(northwind: Company) -> None:
    undo = {"kind": "function", "function": "nothing@1", "inputs": {"text": "$letter"}}
    timer = {"kind": "timer", "key": "cool_off", "seconds": 3600, "next": "end"}
    reserve = call("reserve", "cool_off", effect="idempotent", compensate=undo)
    run = driven(northwind, workflow(reserve, timer, call("end")))
    for state in ("ready", "running", "failed"):  # as when its release may not run any more
        Run.objects.filter(pk=run.pk).update(state=state)

    cancel_run(run, actor=northwind.operator, reason="too late")

    done = finish(run)
    assert (done.state, done.finished_at is not None) == (Run.State.COMPENSATED, True)
    assert [step.compensates for step in done.steps.all()] == [None, 0]
