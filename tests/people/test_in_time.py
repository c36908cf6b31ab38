"""Tasks that nobody decides: shown to more people, expired, withdrawn."""

import pytest

from governance.errors import NotAllowed, WrongState
from runs.durable.cancel import cancel_run
from runs.durable.decide import decide
from runs.durable.resume import resume_run
from runs.people.models import Task
from runs.records.models import Run, Step
from tests.factories.asked import asked, kinds
from tests.factories.cast import Company
from tests.factories.runs import begin, finish, released
from tests.factories.waits import asking, let_time_pass, looked_at, task_of, team_of, with_late_way
from tests.harness.fresh import FreshDatabase


def test_after_a_while_more_people_are_asked(fresh_database: FreshDatabase, northwind: Company) -> None:
    team_of(northwind, "Desk", northwind.author)
    team_of(northwind, "Heads", northwind.auditor)
    late = {"escalate_to": "heads", "escalate_after_s": 60, "timeout_s": 600}
    run = asked(northwind, "approve", team="desk", **late)
    with pytest.raises(NotAllowed):
        decide(task_of(run), actor=northwind.auditor, decision="approve", reason="x")

    let_time_pass(fresh_database, run, 61)

    # It shows by the time alone, and is recorded when a worker looks.
    assert [task.run for task in Task.objects.waiting_for(northwind.auditor)] == [run]
    waits = looked_at(run)
    looked_at(run)
    task = task_of(run)
    assert kinds(run).count("task.escalated") == 1
    assert task.escalated_at is not None
    assert (waits.state, waits.wake_at) == ("waiting", task.deadline_at)
    decide(task, actor=northwind.auditor, decision="approve", reason="x")
    assert finish(run).state == "succeeded"


def test_a_task_that_nobody_decides_expires_and_a_resumed_run_asks_anew(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run = asked(northwind, "approve", timeout_s=60)
    first = task_of(run)
    let_time_pass(fresh_database, run, 61)

    with pytest.raises(WrongState, match="time for this task is over"):
        decide(first, actor=northwind.operator, decision="approve", reason="too late")
    failed = looked_at(run)

    assert failed.error is not None
    assert (failed.state, failed.error.code) == ("failed", "task_expired")
    assert Task.objects.get(pk=first.pk).state == "expired"
    assert kinds(run) == ["task.opened", "task.refused", "task.expired"]

    resume_run(run, actor=northwind.operator, reason="It is mended.")
    finish(run)
    second = task_of(run)
    assert second.pk != first.pk
    decide(second, actor=northwind.operator, decision="approve", reason="x")
    assert finish(run).state == "succeeded"


def test_without_a_decision_the_run_goes_on_where_the_workflow_says(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run = asked_late(northwind)
    let_time_pass(fresh_database, run, 61)

    done = looked_at(run)
    assert done.state == "succeeded", done.error
    assert [step.node for step in Step.objects.filter(run=run)] == ["draft", "ask", "late"]
    assert Task.objects.get(run=run).state == "expired"


def asked_late(company: Company) -> Run:
    content = with_late_way(asking("approve", timeout_s=60), "ask")
    return finish(begin(company, released(company, content)))


def test_a_cancelled_run_withdraws_what_it_asks(northwind: Company) -> None:
    run = asked(northwind, "approve")
    task = task_of(run)

    cancel_run(run, actor=northwind.operator, reason="not needed")

    assert Task.objects.get(pk=task.pk).state == "withdrawn"
    assert kinds(run) == ["task.opened", "task.withdrawn"]
    with pytest.raises(WrongState, match="withdrawn"):
        decide(task, actor=northwind.operator, decision="approve", reason="x")


def test_a_run_whose_deadline_passes_withdraws_what_it_asks(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run = asked(northwind, "approve")
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE runs_run DISABLE TRIGGER guard_run")
        owner.execute("UPDATE runs_run SET deadline_at = now() - interval '1 s' WHERE id = %s", [run.pk])
        owner.execute("ALTER TABLE runs_run ENABLE ALWAYS TRIGGER guard_run")

    ended = looked_at(run)

    assert ended.error is not None
    assert (ended.state, ended.error.code) == ("failed", "deadline_passed")
    assert Task.objects.get(run=run).state == "withdrawn"
