"""What the database itself keeps true of tasks, whoever writes."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from runs.durable.decide import decide
from runs.people.models import Task
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released
from tests.factories.waits import asking, task_of


def open_task(company: Company, place: str = "development") -> Task:
    release = released(company, asking("approve"), environment=getattr(company, place))
    return task_of(finish(begin(company, release)))


def change(task: Task, **columns: Any) -> None:
    with transaction.atomic():
        Task.objects.filter(pk=task.pk).update(**columns)


def decision_of(person: Any, **changed: Any) -> dict[str, Any]:
    """The columns of a decision that would be in order."""
    return {
        "state": "decided",
        "decision": "approve",
        "reason": "x",
        "decided_by": person,
        "decided_by_name": person.name,
        "closed_at": Now(),
        **changed,
    }


def test_what_was_decided_stays(northwind: Company) -> None:
    task = open_task(northwind)
    decide(task, actor=northwind.operator, decision="approve", reason="x")

    for columns in ({"decision": "reject"}, {"reason": "y"}, {"state": "open"}, {"decided_by_name": "Eve"}):
        with pytest.raises(IntegrityError, match="does not change any more"):
            change(task, **columns)


@pytest.mark.parametrize(
    "columns", [{"title": "Other"}, {"shown": []}, {"deadline_at": Now()}, {"team": None, "node": "x"}]
)
def test_what_was_asked_stays(northwind: Company, columns: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="what was asked cannot be changed"):
        change(open_task(northwind), **columns)


@pytest.mark.parametrize(
    "changed",
    [
        {"decision": "maybe"},
        {"reason": ""},
        {"decided_by_name": "Somebody Else"},
        {"closed_at": None},
        {"state": "expired"},
    ],
)
def test_a_decision_is_whole(northwind: Company, changed: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        change(open_task(northwind), **decision_of(northwind.operator, **changed))


def test_a_decision_that_is_whole_is_taken(northwind: Company) -> None:
    """The other half of the test above."""
    task = open_task(northwind)
    change(task, **decision_of(northwind.operator))
    assert Task.objects.get(pk=task.pk).state == "decided"


def test_no_stranger_to_the_organisation_decides(northwind: Company, rival: Company) -> None:
    with pytest.raises(IntegrityError, match="active person of the organisation"):
        change(open_task(northwind), **decision_of(rival.operator))


def test_nobody_approves_what_their_own_run_asks(northwind: Company) -> None:
    with pytest.raises(IntegrityError, match="their own run"):
        change(open_task(northwind, "production"), **decision_of(northwind.operator))


def test_a_task_is_opened_by_a_run_that_waits_for_it(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(1))))

    with pytest.raises(IntegrityError, match="opened by a run that waits"), transaction.atomic():
        Task.objects.create(run=run, project=run.project, node="ask", position=0, kind="approve", title="x")


def test_no_task_is_deleted(northwind: Company) -> None:
    task = open_task(northwind)
    with (
        pytest.raises(Exception, match=r"permission denied|never deleted"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM runs_task WHERE id = %s", [task.pk])
