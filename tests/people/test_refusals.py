"""What somebody is refused again and again is told once and counted: nobody fills the ledger with it."""

from typing import Any

import pytest

from governance.access.models import Refusal
from governance.errors import NotAllowed, WrongState
from governance.ledger.models import Event
from runs.durable.decide import decide
from runs.durable.sweep import sweep
from runs.people.models import Task
from tests.factories.asked import asked, kinds
from tests.factories.cast import Company
from tests.factories.waits import let_time_pass, looked_at, task_of, team_of
from tests.harness.fresh import FreshDatabase
from tests.visiting import visitor

TIMES = 5


def refused(task: Task, person: Any, decision: str = "approve") -> str:
    with pytest.raises((NotAllowed, WrongState)) as refusal:
        decide(task, actor=person, decision=decision, reason="x")
    return str(refusal.value)


def test_of_refused_decisions_of_one_person_the_first_is_an_event(northwind: Company) -> None:
    run = asked(northwind, "approve")
    task = task_of(run)

    for _ in range(TIMES):
        refused(task, northwind.author)
    refused(task, northwind.auditor)

    told = Event.objects.of_run(run.pk).filter(kind="task.refused")
    assert [event.actor_name for event in told] == [northwind.author.name, northwind.auditor.name]
    counts = {row.person.name: row.count for row in Refusal.objects.select_related("person")}
    assert counts == {northwind.author.name: TIMES, northwind.auditor.name: 1}


def test_another_reason_is_told_too(fresh_database: FreshDatabase, northwind: Company) -> None:
    run = asked(northwind, "approve", timeout_s=60)
    task = task_of(run)
    for _ in range(TIMES):
        refused(task, northwind.author)
    let_time_pass(fresh_database, run, 61)
    for _ in range(TIMES):
        refused(task, northwind.author)
    sweep()
    looked_at(run)
    for _ in range(TIMES):
        refused(task, northwind.author, "reject")

    told = Event.objects.of_run(run.pk).filter(kind="task.refused")
    assert [event.details.get("late", False) for event in told] == [False, True]
    assert {row.why: row.count for row in Refusal.objects.all()} == {"being asked": TIMES, "late": 2 * TIMES}


def test_many_at_once_are_one_event(fresh_database: FreshDatabase, northwind: Company) -> None:
    run = asked(northwind, "approve")
    task = task_of(run)

    fresh_database.at_once(*[lambda: refused(task, northwind.author)] * TIMES)

    assert kinds(run) == ["task.opened", "task.refused"]
    assert Refusal.objects.get().count == TIMES


def test_the_page_says_how_often_somebody_was_refused(northwind: Company) -> None:
    team_of(northwind, "Desk", northwind.auditor)
    task = task_of(asked(northwind, "approve", team="desk"))
    for _ in range(TIMES):
        refused(task, northwind.author)

    page = visitor(northwind.operator).get(f"/tasks/{task.pk}/").content.decode()

    assert f"{northwind.author.name}, {TIMES} times" in page
