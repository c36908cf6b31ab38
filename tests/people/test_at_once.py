"""A decision and the end of its time in the same moment: what has the run's row first counts."""

from collections.abc import Callable
from threading import Event as Moment
from typing import Any

import pytest
from django.db import transaction

from governance.errors import WrongState
from governance.ledger.models import Event
from runs.durable.decide import decide
from runs.durable.drive import drive
from runs.durable.executors import human_task
from runs.durable.sweep import sweep
from runs.people.models import Task
from runs.records.models import Run, Step
from tests.factories.asked import kinds, output_of
from tests.factories.cast import Company
from tests.factories.runs import begin, finish, released
from tests.factories.waits import asking, let_time_pass, task_of, with_late_way
from tests.harness.fresh import FreshDatabase
from tests.waiting import PATIENCE_SECONDS, blocked, wait_until

LATER = "UPDATE runs_task SET deadline_at = deadline_at + interval '1 hour'"
WAYS = pytest.mark.parametrize("way", ["late", None])


def overdue(fresh: FreshDatabase, company: Company, way: str | None) -> Run:
    """A run whose task's time has just run out, and which then goes on another way or fails."""
    content = asking("approve", timeout_s=60)
    content = with_late_way(content, "ask") if way else content
    run = finish(begin(company, released(company, content)))
    let_time_pass(fresh, run, 61)
    sweep()
    return run


def somebody_waits(fresh: FreshDatabase) -> None:
    with fresh.connect() as other:
        wait_until(lambda: blocked(other), "somebody waits for a row")


def passed(moment: Moment) -> None:
    assert moment.wait(PATIENCE_SECONDS)


def around(monkeypatch: pytest.MonkeyPatch, name: str, act: Callable[[Callable[[], Any]], Any]) -> None:
    """Have the worker's first call of this function made by `act`."""
    real, calls = getattr(human_task, name), list[str]()

    def called(*given: Any, **more: Any) -> Any:
        calls.append(name)
        return act(lambda: real(*given, **more)) if len(calls) == 1 else real(*given, **more)

    monkeypatch.setattr(human_task, name, called)


@WAYS
def test_a_decision_that_is_committed_before_the_end_of_its_time_is_counts(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch, way: str | None
) -> None:
    run = overdue(fresh_database, northwind, way)
    task, looked, written = task_of(run), Moment(), Moment()

    def slowly(act: Callable[[], Any]) -> Any:
        """The worker has seen a task whose time is over; the decision was made a moment earlier."""
        with fresh_database.connect("owner") as owner:
            owner.execute("ALTER TABLE runs_task DISABLE TRIGGER guard_task")
            owner.execute(LATER)
            owner.execute("ALTER TABLE runs_task ENABLE ALWAYS TRIGGER guard_task")
        looked.set()
        passed(written)
        return act()

    def deciding() -> Any:
        passed(looked)
        with transaction.atomic():
            decide(task, actor=northwind.operator, decision="approve", reason="In time.")
            written.set()
            somebody_waits(fresh_database)

    around(monkeypatch, "_too_late", slowly)
    answers = fresh_database.at_once(lambda: drive(run.pk, worker="slow"), deciding)

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    done = finish(run)
    assert (done.state, Task.objects.get(pk=task.pk).state) == ("succeeded", "decided")
    after = ["heed"] if way else []
    assert [step.node for step in Step.objects.filter(run=run)] == ["draft", "ask", *after]
    assert output_of(run) == {"approved": True, "comment": "In time."}
    assert kinds(run) == ["task.opened", "task.decided"]


@WAYS
def test_a_decision_that_comes_while_its_time_ends_is_refused_and_recorded_as_late(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch, way: str | None
) -> None:
    run = overdue(fresh_database, northwind, way)
    task, expired = task_of(run), Moment()

    def slowly(act: Callable[[], Any]) -> Any:
        found = act()
        expired.set()
        somebody_waits(fresh_database)
        return found

    def deciding() -> Any:
        passed(expired)
        return decide(task, actor=northwind.operator, decision="approve", reason="Too late.")

    around(monkeypatch, "expire_task", slowly)
    _, refused = fresh_database.at_once(lambda: drive(run.pk, worker="slow"), deciding)

    assert isinstance(refused, WrongState), refused
    assert refused.message.startswith("Nobody decided this in time: it expired at")
    assert Run.objects.get(pk=run.pk).state == ("succeeded" if way else "failed")
    assert Task.objects.get(pk=task.pk).state == "expired"
    assert kinds(run) == ["task.opened", "task.expired", "task.refused"]
    [event] = Event.objects.of_run(run.pk).filter(kind="task.refused")
    assert (event.details["decision"], event.details["late"]) == ("approve", True)
    assert event.actor_name == northwind.operator.name
