"""What a fork took over and relies on is not undone under it."""

import threading
from collections.abc import Callable

import pytest
from django.db import transaction

from governance.errors import WrongState
from runs.durable.cancel import cancel_run, may_cancel
from runs.durable.checkpoint import checkpoint
from runs.durable.machine import State
from runs.durable.moves import stopped
from runs.durable.resume import resume_run
from runs.durable.why import why_not_moving
from runs.records.failure import Failure
from runs.records.models import Run
from tests.durable.scripts import call, graph, marks, script, undoable
from tests.durable.turning import again, settle, work
from tests.factories.cast import Company
from tests.factories.forks import fork_of
from tests.factories.runs import begin, released
from tests.factories.standing import taken
from tests.harness.fresh import FreshDatabase
from tests.waiting import blocked, wait_until

BOOM = RuntimeError("no ink")
HOUR = {"kind": "timer", "key": "pause", "seconds": 3600}
BOOKED = graph(undoable("book"), call("look"), HOUR, call("last"))


@pytest.fixture
def run(northwind: Company) -> Run:
    """It booked something, and waits."""
    found = begin(northwind, released(northwind, BOOKED))
    with script():
        work()
    return again(found)


@pytest.fixture
def failed(run: Run) -> Run:
    """It booked something, and was stopped by what is no fault of a step: what it did stands."""
    Run.objects.filter(pk=run.pk).update(state="ready")
    held = taken(run)
    failure = Failure("not_cleared", "The release may not run here", "", "pause")
    assert checkpoint(held, [], stopped(State.FAILED, "pause", failure)) is not None
    return again(run)


def forked(company: Company, run: Run, position: int = 1) -> Run:
    """A queued fork by an operator."""
    return fork_of(again(run), actor=company.operator, position=position, reason="Once more.")


def cancelled(company: Company, run: Run) -> Run:
    """The run, cancelled by an operator."""
    return cancel_run(again(run), actor=company.operator, reason="Wrong letter.")


@pytest.mark.parametrize("finished", [False, True])
def test_a_run_that_failed_is_not_cancelled_under_its_fork(
    northwind: Company, failed: Run, finished: bool
) -> None:
    with script():
        fork = forked(northwind, failed)
        if finished:
            assert settle(fork).state == "succeeded"

        with pytest.raises(WrongState, match=f"run {fork.pk} took over what “book” did, and relies on it"):
            cancelled(northwind, failed)

        assert not may_cancel(again(failed))
        assert f"It cannot be cancelled: run {fork.pk} took over" in why_not_moving(again(failed))
        settle(failed)
        assert "undo_book" not in marks()


def test_once_its_fork_is_cancelled_it_is_undone(northwind: Company, failed: Run) -> None:
    with script():
        fork = forked(northwind, failed)
        further = forked(northwind, fork)
        cancelled(northwind, fork)
        with pytest.raises(WrongState, match=f"run {further.pk} took over"):
            cancelled(northwind, failed)
        cancelled(northwind, further)

        cancelled(northwind, failed)

        assert settle(failed).state == "compensated"
        assert marks() == ["undo_book"]


def test_one_that_is_under_way_ends_and_leaves_what_its_fork_relies_on(northwind: Company, run: Run) -> None:
    with script():
        fork = forked(northwind, run)

        cancelled(northwind, run)

        assert settle(run).state == "cancelled"
        assert f"Not all of it was undone: run {fork.pk} took over what “book” did" in why_not_moving(
            again(run)
        )
        assert settle(fork).state == "succeeded"
        assert marks() == ["look", "last"]


@pytest.mark.parametrize("way", ["still under way", "resumed"])
def test_one_that_fails_beside_its_fork_leaves_it_too(
    northwind: Company, request: pytest.FixtureRequest, way: str
) -> None:
    source: Run = request.getfixturevalue("run" if way == "still under way" else "failed")
    with script(last=[BOOM, BOOM]):
        forked(northwind, source)
        if way == "resumed":
            resume_run(again(source), actor=northwind.operator, reason="It is mended.")

        assert settle(source).state == "failed"

        assert "undo_book" not in marks()


def test_what_is_being_undone_is_not_taken_over(northwind: Company, run: Run) -> None:
    cancelled(northwind, run)
    assert again(run).state == "compensating"

    with pytest.raises(WrongState, match="“book” did has been undone, or is to be"):
        forked(northwind, run)


@pytest.mark.parametrize("first", ["fork", "cancel"])
def test_of_a_fork_and_a_cancellation_at_once_one_is_refused(
    fresh_database: FreshDatabase, northwind: Company, failed: Run, first: str
) -> None:
    acts: dict[str, Callable[[], Run]] = {
        "fork": lambda: forked(northwind, failed),
        "cancel": lambda: cancelled(northwind, failed),
    }
    answers: list[object] = []
    second = acts["cancel" if first == "fork" else "fork"]
    other = threading.Thread(target=lambda: answers.extend(fresh_database.at_once(second)))

    with fresh_database.connect() as watching, transaction.atomic():
        acts[first]()
        other.start()
        wait_until(lambda: blocked(watching), "the other waits")
    other.join(timeout=60)

    assert [type(answer).__name__ for answer in answers] == ["WrongState"]
    with script():
        settle(failed)
        assert marks() == (["look", "last"] if first == "fork" else ["undo_book"])
