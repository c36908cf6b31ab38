"""Not waiting any longer, and having the undoing tried again."""

from pathlib import Path

import pytest

from governance.errors import NotAllowed, NotVisible, WrongState
from governance.ledger.models import Event
from runs.durable.cancel import cancel_run
from runs.durable.retry_compensation import retry_compensation
from runs.durable.retry_now import retry_now
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import finish
from tests.factories.standing import (
    HOUR,
    NOT_YET,
    call,
    driven,
    failed,
    put_off,
    timed,
    undoing,
    waiting_for,
    workflow,
)


@pytest.fixture
def needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file without which the undoing fails."""
    monkeypatch.setenv("NEEDED_FILE", str(tmp_path / "needed"))
    return tmp_path / "needed"


def test_an_attempt_that_was_put_off_is_made_at_once(northwind: Company) -> None:
    run = put_off(northwind)

    found = retry_now(run, actor=northwind.operator)

    assert (found.state, found.attempt) == (Run.State.READY, 2)
    [event] = Event.objects.of_run(run.pk).filter(kind="run.hastened")
    assert (event.details["node"], event.details["attempt"]) == ("post", 2)
    assert [step.attempt for step in finish(run).steps.all()] == [1, 2]


@pytest.mark.parametrize("what", [Run.WaitsFor.LIMIT, Run.WaitsFor.WORKER])
def test_room_and_workers_are_looked_for_at_once(northwind: Company, what: Run.WaitsFor) -> None:
    run = retry_now(waiting_for(northwind, what), actor=northwind.operator)
    assert run.state == Run.State.READY
    assert finish(run).state == Run.State.SUCCEEDED


def test_undoing_is_not_waited_for_either(northwind: Company, needed: Path) -> None:
    run = undoing(northwind, attempts=3)
    assert run.state == Run.State.COMPENSATING
    needed.touch()

    retry_now(run, actor=northwind.operator)

    assert finish(run).state == Run.State.COMPENSATED


def test_nothing_else_is_hurried(northwind: Company, rival: Company) -> None:
    for run in (timed(northwind), failed(northwind)):
        with pytest.raises(WrongState, match="put off"):
            retry_now(run, actor=northwind.operator)
    run = put_off(northwind)
    with pytest.raises(NotAllowed):
        retry_now(run, actor=northwind.auditor)
    with pytest.raises(NotVisible):
        retry_now(run, actor=rival.operator)


def test_what_could_not_be_undone_is_tried_again_and_the_first_cause_stays(
    northwind: Company, needed: Path
) -> None:
    run = undoing(northwind, attempts=1)
    assert run.state == Run.State.COMPENSATION_FAILED
    needed.touch()

    retry_compensation(run, actor=northwind.operator)

    done = finish(run)
    assert done.state == Run.State.COMPENSATED
    assert done.error is not None
    assert (done.error.code, done.error.node) == ("function_failed", "book")
    undone = done.steps.filter(compensates=0)
    assert [step.state for step in undone] == ["failed", "succeeded"]


def test_the_undoing_of_a_cancelled_run_keeps_who_cancelled_it(northwind: Company, needed: Path) -> None:
    undo = {"kind": "function", "inputs": {"text": "$letter"}, **NOT_YET, "retry": {"attempts": 1}}
    wait = {"kind": "timer", "key": "cool_off", "seconds": HOUR, "next": "end"}
    reserve = call("reserve", "cool_off", effect="idempotent", compensate=undo)
    run = driven(northwind, workflow(reserve, wait, call("end")))
    cancel_run(run, actor=northwind.operator, reason="sent twice")
    assert finish(run).state == Run.State.COMPENSATION_FAILED
    needed.touch()

    retry_compensation(run, actor=northwind.operator)

    done = finish(run)
    assert (done.state, done.error and done.error.detail) == (Run.State.COMPENSATED, "sent twice")


def test_only_a_failed_undoing_is_tried_again_and_only_by_operators(
    northwind: Company, rival: Company, needed: Path
) -> None:
    with pytest.raises(WrongState, match="Only a compensation"):
        retry_compensation(failed(northwind), actor=northwind.operator)
    run = undoing(northwind, attempts=1)
    with pytest.raises(NotAllowed):
        retry_compensation(run, actor=northwind.auditor)
    with pytest.raises(NotVisible):
        retry_compensation(run, actor=rival.operator)
