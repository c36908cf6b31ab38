"""Whom a run asks must be there when it is released; what changes later, its page says."""

from typing import Any

import pytest

from governance.access.organisations import add_to_team, remove_from_team
from governance.accounts.models import Team
from governance.errors import Invalid
from runs.durable.decide import decide
from runs.people.deciders import deciders, deciders_words
from runs.people.eligibility import standing
from runs.records.models import Run
from tests.factories.asked import asked
from tests.factories.cast import Company
from tests.factories.runs import begin, finish, released
from tests.factories.things import make_version, pin
from tests.factories.waits import asking, task_of, team_of
from tests.visiting import visitor

PARTS = ("operator", "author", "approver", "auditor", "owner", "stranger", "disabled")


def test_a_release_that_asks_a_team_that_is_not_there_is_refused(northwind: Company) -> None:
    with pytest.raises(Invalid, match=r"ask of workflow-\d+ v1: the organisation has no team “desk”"):
        released(northwind, asking("approve", team="desk"))


def test_a_release_that_asks_a_team_of_which_nobody_sees_the_project_is_refused(northwind: Company) -> None:
    team = team_of(northwind, "Desk", northwind.stranger)
    content = asking("approve", team="desk")

    with pytest.raises(Invalid, match="nobody who can see this project is in the team “Desk”"):
        released(northwind, content)

    team_of(northwind, "Heads", northwind.operator)
    later: dict[str, Any] = {"escalate_to": team.name, "escalate_after_s": 60, "timeout_s": 600}
    with pytest.raises(Invalid, match="“Desk”"):
        released(northwind, asking("approve", team="heads", **later))


def test_what_a_workflow_within_asks_is_looked_at_too(northwind: Company) -> None:
    inner = make_version(northwind, "workflow", asking("approve", team="desk"))
    call = {"kind": "subrun", "key": "inner", "workflow": pin(inner), "inputs": {"letter": "$letter"}}
    letter = {"name": "letter", "classification": "personal"}

    with pytest.raises(Invalid, match="no team “desk”"):
        released(northwind, {"inputs": [letter], "nodes": [call], "start": "inner", "output": "inner"})


def alone(company: Company) -> tuple[Run, Team]:
    """A run that asks a team from which everybody has been taken since."""
    team = team_of(company, "Desk", company.auditor)
    run = asked(company, "approve", team="desk")
    remove_from_team(team, actor=company.owner, person=company.auditor)
    return run, team


def test_the_pages_say_that_nobody_is_left_and_who_can_mend_it(northwind: Company) -> None:
    run, team = alone(northwind)
    said = "nobody who can see this project is in the team Desk"

    for address in (f"/runs/{run.pk}/", f"/tasks/{task_of(run).pk}/"):
        page = visitor(northwind.operator).get(address).content.decode()
        assert said in page
        assert "A platform owner can add somebody" in page

    add_to_team(team, actor=northwind.owner, person=northwind.approver)
    page = visitor(northwind.operator).get(f"/runs/{run.pk}/").content.decode()
    assert f"{northwind.approver.name} can decide it." in page
    decide(task_of(run), actor=northwind.approver, decision="approve", reason="x")
    assert finish(run).state == "succeeded"


def test_who_started_the_run_does_not_count_as_somebody_who_can_approve(northwind: Company) -> None:
    team_of(northwind, "Desk", northwind.operator)
    release = released(northwind, asking("approve", team="desk"), environment=northwind.production)
    run = finish(begin(northwind, release))

    assert deciders(task_of(run)) == []
    assert "nobody is left who did not start the run" in deciders_words(task_of(run))


@pytest.mark.parametrize("team", [None, "desk"])
@pytest.mark.parametrize("place", ["development", "production"])
@pytest.mark.parametrize("task", ["approve", "edit"])
def test_those_who_can_decide_are_those_whom_nothing_keeps_from_it(
    northwind: Company, task: str, place: str, team: str | None
) -> None:
    people = [northwind.person(part) for part in PARTS]
    team_of(northwind, "Desk", *(person for person in people if person.is_active))
    content = asking(task, team=team)
    run = finish(begin(northwind, released(northwind, content, environment=getattr(northwind, place))))
    found = task_of(run)

    seeing = [person for person in people if type(found).objects.visible_to(person).filter(pk=found.pk)]
    assert {person.name for person in seeing if standing(found, person) is None} == {
        person.name for person in deciders(found)
    }
