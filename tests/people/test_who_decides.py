"""Who may decide what a run asks: teams, operators, and nobody their own approval."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from governance.access.permissions import Role
from governance.access.services import grant_role
from governance.errors import NotAllowed, NotVisible
from runs.durable.decide import decide
from runs.durable.resume import resume_run
from runs.people.eligibility import standing
from runs.people.models import Task
from tests.factories.asked import asked, kinds
from tests.factories.cast import Company
from tests.factories.forks import fork_of
from tests.factories.runs import begin, finish, released
from tests.factories.waits import asking, task_of, team_of


def test_only_those_who_are_asked_decide(northwind: Company, rival: Company) -> None:
    run = asked(northwind, "approve")

    with pytest.raises(NotAllowed, match="those who may start"):
        decide(task_of(run), actor=northwind.author, decision="approve", reason="x")
    with pytest.raises(NotVisible):
        decide(task_of(run), actor=rival.operator, decision="approve", reason="x")

    assert kinds(run) == ["task.opened", "task.refused"], "who does not see it leaves no trace in it"


def test_a_team_is_asked_and_nobody_else(northwind: Company) -> None:
    team_of(northwind, "Fraud Desk", northwind.auditor)
    run = asked(northwind, "approve", team="fraud-desk")

    with pytest.raises(NotAllowed, match="Fraud Desk"):
        decide(task_of(run), actor=northwind.operator, decision="approve", reason="x")
    assert list(Task.objects.waiting_for(northwind.operator)) == []
    assert [task.run for task in Task.objects.waiting_for(northwind.auditor)] == [run]

    decide(task_of(run), actor=northwind.auditor, decision="approve", reason="x")
    assert finish(run).state == "succeeded"


def test_a_member_without_reach_does_not_see_it(northwind: Company) -> None:
    team_of(northwind, "Desk", northwind.stranger, northwind.operator)
    run = asked(northwind, "approve", team="Desk")

    assert list(Task.objects.waiting_for(northwind.stranger)) == []
    with pytest.raises(NotVisible):
        decide(task_of(run), actor=northwind.stranger, decision="approve", reason="x")


def test_a_team_that_is_not_there_stops_the_run_until_it_is(northwind: Company) -> None:
    """Two teams go by the name until one has it exactly."""
    team_of(northwind, "Desk", northwind.operator)
    release = released(northwind, asking("approve", team="desk"))
    team_of(northwind, "DESK", northwind.operator)
    run = finish(begin(northwind, release))
    assert run.error is not None
    assert (run.state, run.error.code) == ("failed", "no_such_team")

    team_of(northwind, "desk", northwind.operator)
    resume_run(run, actor=northwind.operator, reason="It is mended.")
    assert finish(run).state == "waiting"


def test_nobody_approves_what_their_own_run_asks_in_a_protected_place(northwind: Company) -> None:
    team_of(northwind, "Desk", northwind.operator, northwind.approver)
    release = released(northwind, asking("approve", team="Desk"), environment=northwind.production)
    run = finish(begin(northwind, release))

    assert list(Task.objects.waiting_for(northwind.operator)) == []
    with pytest.raises(NotAllowed, match="You started this run") as refusal:
        decide(task_of(run), actor=northwind.operator, decision="approve", reason="mine")
    assert refusal.value.missing == "separation of duties"
    assert kinds(run) == ["task.opened", "task.refused"]

    decide(task_of(run), actor=northwind.approver, decision="approve", reason="seen")
    assert finish(run).state == "succeeded"


def test_nobody_approves_what_began_as_their_own_run(northwind: Company) -> None:
    team_of(northwind, "Desk", northwind.operator, northwind.approver, northwind.auditor)
    grant_role(
        northwind.project, actor=northwind.owner, role=Role.OPERATOR, to=northwind.auditor, reason="Helps."
    )
    release = released(northwind, asking("approve", team="Desk"), environment=northwind.production)
    run = finish(begin(northwind, release))
    fork = finish(fork_of(run, actor=northwind.auditor, position=1, reason="Ask again."))
    assert fork.started_by == northwind.auditor

    for starter in (northwind.operator, northwind.auditor):
        assert fork not in [task.run for task in Task.objects.waiting_for(starter)]
        with pytest.raises(NotAllowed, match="You started"):
            decide(task_of(fork), actor=starter, decision="approve", reason="mine")
        with pytest.raises(IntegrityError, match="nobody approves"), transaction.atomic():
            Task.objects.filter(run=fork).update(
                state="decided",
                decision="approve",
                reason="mine",
                decided_by=starter,
                decided_by_name=starter.name,
                closed_at=Now(),
            )
    assert fork in [task.run for task in Task.objects.waiting_for(northwind.approver)]

    decide(task_of(fork), actor=northwind.approver, decision="approve", reason="seen")
    assert finish(fork).state == "succeeded"


def test_who_started_it_may_choose_and_edit(northwind: Company) -> None:
    content = asking("choose", choices=["a", "b"])
    run = finish(begin(northwind, released(northwind, content, environment=northwind.production)))

    assert [task.run for task in Task.objects.waiting_for(northwind.operator)] == [run]
    decide(task_of(run), actor=northwind.operator, decision="a", reason="x")


@pytest.mark.parametrize("part", ["operator", "author", "approver", "auditor", "owner"])
@pytest.mark.parametrize("team", [None, "desk"])
@pytest.mark.parametrize("place", ["development", "production"])
def test_the_list_and_the_single_task_agree_on_who_is_asked(
    northwind: Company, part: str, team: str | None, place: str
) -> None:
    team_of(northwind, "Desk", northwind.approver, northwind.operator)
    environment = getattr(northwind, place)
    release = released(northwind, asking("approve", team=team), environment=environment)
    run = finish(begin(northwind, release))
    person = northwind.person(part)

    listed = Task.objects.waiting_for(person).filter(run=run).exists()
    assert listed == (standing(task_of(run), person) is None)
