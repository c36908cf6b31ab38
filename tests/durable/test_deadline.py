"""The time that a whole run has: whatever it is doing when that has passed."""

import pytest

from governance.errors import WrongState
from runs.durable.cancel import cancel_run
from runs.durable.claim import claim
from runs.durable.drive import drive
from runs.durable.pause import pause_run
from runs.durable.resume import may_resume, resume_run
from runs.durable.review import record_effect
from runs.durable.sweep import Swept, sweep
from runs.durable.why import why_not_moving
from runs.records.models import Run
from tests.durable.code import other_code
from tests.durable.late import HOUR, overdue, pass_deadline, started
from tests.durable.scripts import Killed, call, graph, marks, script, undoable
from tests.durable.turning import again, lapse, settle, work
from tests.factories.cast import Company
from tests.factories.forks import fork_of
from tests.factories.runs import expire, finish
from tests.factories.things import make_version, pin
from tests.harness.fresh import FreshDatabase


def test_it_counts_from_the_start(northwind: Company) -> None:
    run = again(started(northwind, call("a")))

    assert run.deadline_at is not None
    assert (run.deadline_at - run.created_at).total_seconds() == pytest.approx(60, abs=1)
    assert finish(run).state == "succeeded"


def test_a_run_that_was_taken_up_too_late_executes_nothing(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run = started(northwind, call("a"))
    pass_deadline(fresh_database)

    with script():
        assert work() == 1
        assert marks() == []

    assert not overdue(run).steps.exists()


def test_a_waiting_run_is_ended_when_it_has_passed(fresh_database: FreshDatabase, northwind: Company) -> None:
    run = finish(started(northwind, call("a"), HOUR, call("b")))
    assert sweep() == Swept(), "not before"
    pass_deadline(fresh_database)

    assert sweep().woken == 1
    assert sweep().woken == 0
    work()

    assert overdue(run).position == 1


def test_a_paused_run_is_ended_when_it_has_passed(fresh_database: FreshDatabase, northwind: Company) -> None:
    run = finish(started(northwind, call("a"), HOUR, call("b")))
    pause_run(run, actor=northwind.operator, reason="Closed.")
    pass_deadline(fresh_database)

    assert sweep().woken == 1
    work()

    overdue(run)


def test_a_running_run_is_ended_after_the_step_in_hand(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run = started(northwind, call("a", effect="idempotent"), call("b"))

    with script(a=[lambda: pass_deadline(fresh_database)]):
        finish(run)
        assert marks() == ["a"]

    assert [(step.node, step.state) for step in overdue(run).steps.all()] == [("a", "succeeded")]


def test_what_was_finished_all_the_same_is_kept(fresh_database: FreshDatabase, northwind: Company) -> None:
    run = started(northwind, call("a"))

    with script(a=[lambda: pass_deadline(fresh_database)]):
        assert finish(run).state == "succeeded"


@pytest.mark.parametrize("when", ["running", "waiting"])
def test_what_the_run_did_is_undone(fresh_database: FreshDatabase, northwind: Company, when: str) -> None:
    run = started(northwind, undoable("a"), undoable("b"), HOUR)

    with script(b=[(lambda: pass_deadline(fresh_database)) if when == "running" else None]):
        finish(run)
        if when == "waiting":
            pass_deadline(fresh_database)
            sweep()
        done = settle(run)
        assert marks() == ["a", "b", "undo_b", "undo_a"]

    assert done.state == "compensated"
    assert done.error is not None
    assert done.error.code == "deadline_passed"


def test_an_undoing_takes_the_time_that_it_takes(fresh_database: FreshDatabase, northwind: Company) -> None:
    run = started(northwind, undoable("a"), call("b"))

    with script(b=[RuntimeError("no ink")], undo_a=[Killed()]):
        with pytest.raises(Killed):
            drive(run.pk, worker="killed")
        pass_deadline(fresh_database)
        expire(run)
        assert drive(run.pk, worker="another")

    after = again(run)
    assert after.state == "compensated"
    assert after.error is not None
    assert after.error.code == "function_failed"


def test_a_cancelled_run_that_waits_for_its_parts_is_not_looked_at_over_and_over(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    inner = make_version(northwind, "workflow", graph(HOUR, call("one")))
    node = {"kind": "subrun", "key": "sub", "workflow": pin(inner), "inputs": {"letter": "$letter"}}
    run = started(northwind, node)
    drive(run.pk, worker="test")
    part = Run.objects.get(parent=run)
    assert claim(part.pk, worker="busy") is not None
    assert cancel_run(again(run), actor=northwind.operator, reason="Stop.").waits_for == "parts"
    pass_deadline(fresh_database)

    assert sweep() == Swept()

    expire(part)
    assert settle(run).state == "cancelled"


def test_a_late_run_that_no_worker_is_capable_of_is_looked_at_as_seldom_as_before(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run = started(northwind, call("a", function="nothing@1", settings={}))
    with other_code():
        assert finish(run).waits_for == "worker"
        pass_deadline(fresh_database)
        assert sweep() == Swept()

    lapse(run)
    assert sweep().woken == 1
    work()
    overdue(run)


def test_a_run_that_is_held_is_left_to_its_holder(fresh_database: FreshDatabase, northwind: Company) -> None:
    run = started(northwind, call("a"))
    claim(run.pk, worker="busy")
    pass_deadline(fresh_database)

    assert sweep() == Swept()
    assert again(run).state == "running"


def test_a_run_whose_time_is_over_is_not_resumed_but_forked(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run = started(northwind, call("a"), call("b"))
    with script(b=[RuntimeError("no ink")]):
        stopped = finish(run)
    assert may_resume(stopped)
    pass_deadline(fresh_database)
    late = again(run)

    assert not may_resume(late)
    assert "cannot be resumed; where one may begin, a fork" in why_not_moving(late)
    with pytest.raises(WrongState, match="a fork has the whole time"):
        resume_run(late, actor=northwind.operator, reason="It is mended.")

    assert again(run).state == "failed"
    with script():
        fork = finish(fork_of(late, actor=northwind.operator, position=1, reason="Its time was over."))
        assert marks() == ["b"]
    assert fork.state == "succeeded"


def test_an_unknown_outcome_is_asked_for_though_the_deadline_has_passed(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    pay = undoable("pay") | {"effect": "unsafe"}
    run = started(northwind, undoable("a"), pay, call("last"))
    with script(pay=[Killed()]):
        with pytest.raises(Killed):
            drive(run.pk, worker="killed")
        expire(run)
        pass_deadline(fresh_database)

        assert finish(run).state == "needs_review"

        record_effect(again(run), actor=northwind.operator, output={}, reason="I looked.")
        assert settle(run).state == "compensated"
        assert marks() == ["a", "pay", "undo_pay", "undo_a"]
