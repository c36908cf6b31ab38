"""GET /"""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.access.organisations import add_owner, create_organisation
from governance.access.people import create_person
from governance.accounts.models import User
from governance.releases.services import roll_back
from runs.records.models import Run
from tests.counting import queries_of
from tests.factories.cast import Company
from tests.factories.things import make_active, make_approved, make_release, make_workflow
from tests.visiting import Browsing
from tests.web.runs.recorded import failed, quick, waiting

HOME = reverse("home")
PANELS = {
    "approver": {"waiting", "ready", "outputs", "in_effect"},
    "operator": {"ready", "troubled", "figures", "outputs", "in_effect"},
    "author": {"submitted", "outputs", "in_effect"},
    "auditor": {"outputs", "in_effect"},
    "owner": {"troubled", "figures", "outputs", "in_effect"},
    "stranger": set(),
}


@pytest.mark.parametrize("part", PANELS)
def test_everybody_gets_the_panels_that_concern_them(
    northwind: Company, browsing: Browsing, part: str
) -> None:
    response = browsing(northwind.person(part)).get(HOME)
    filled = [*response.context["pressing"], *response.context["panels"]]
    shown = {panel["template"].split("/")[-1].removesuffix(".html") for panel in filled}
    assert shown == PANELS[part]


def test_an_approver_sees_what_waits_and_its_author_does_not(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    release = make_release(northwind)
    address = reverse("governance:approval", args=[release.request_id])
    assert address in browsing(northwind.approver).get(HOME).content.decode()
    assert address not in browsing(rival.approver).get(HOME).content.decode()
    assert str(release) in browsing(northwind.author).get(HOME).content.decode()


def test_what_is_approved_waits_for_those_who_put_it_into_effect(
    northwind: Company, browsing: Browsing
) -> None:
    workflow = make_workflow(northwind)
    make_active(northwind, version=workflow)
    overtaken = make_approved(northwind, version=make_workflow(northwind, asset=workflow.asset))
    assert f"{overtaken} to production" in browsing(northwind.operator).get(HOME).content.decode()
    make_active(northwind, version=make_workflow(northwind, asset=workflow.asset))
    assert f"{overtaken} to production" not in browsing(northwind.operator).get(HOME).content.decode()


def test_an_operator_sees_what_failed_and_what_is_new(northwind: Company, browsing: Browsing) -> None:
    stopped, done = failed(northwind), quick(northwind, 1)[0]
    page = browsing(northwind.operator).get(HOME).content.decode()
    assert reverse("runs:run", args=[stopped.pk]) in page
    assert "Failed at step_0" in page
    assert "Step 0 for CASE-0" in page
    assert done.reference == "CASE-0"


def test_a_run_counts_as_stuck_by_the_time_it_has_waited_not_by_its_age(
    northwind: Company, browsing: Browsing
) -> None:
    address = reverse("runs:run", args=[waiting(northwind).pk])
    assert address not in browsing(northwind.operator).get(HOME).content.decode()
    Run.objects.update(ready_at=timezone.now() - timedelta(minutes=3))
    assert address in browsing(northwind.operator).get(HOME).content.decode()


def test_what_is_in_effect_says_who_put_it_there_and_who_went_back_to_it(
    northwind: Company, browsing: Browsing
) -> None:
    client = browsing(northwind.auditor)
    first, _ = make_active(northwind)
    assert "Otto Operator put it into effect, " in " ".join(client.get(HOME).content.decode().split())
    version = make_workflow(northwind, asset=first.workflow)
    make_active(northwind, version=version)
    roll_back(first, actor=northwind.operator, reason="The new one greets nobody.")
    assert "Otto Operator rolled back to it, " in " ".join(client.get(HOME).content.decode().split())


def test_somebody_without_a_role_is_told_so(northwind: Company, browsing: Browsing) -> None:
    page = browsing(northwind.stranger).get(HOME).content.decode()
    assert "You have no role on any project" in page


def test_the_owner_of_an_empty_organisation_is_told_where_to_begin(db: None, browsing: Browsing) -> None:
    set_up = User.objects.system("set-up")
    third = create_organisation("third", actor=set_up, name="Third")
    ruth = create_person("ruth@third.example", actor=set_up, name="Ruth", password=None, organisation=third)
    add_owner(third, actor=set_up, person=ruth)

    page = browsing(ruth).get(HOME).content.decode()

    assert "Your organisation is open" in page
    assert f'href="{reverse("admin:index")}">Open the admin' in page


def test_home_costs_the_same_queries_for_one_run_and_for_many(northwind: Company, browsing: Browsing) -> None:
    client = browsing(northwind.operator)
    counts = []
    for more in (1, 4):
        quick(northwind, more)
        failed(northwind)
        counts.append(queries_of(client, HOME))
    assert counts[0] == counts[1]


def test_nothing_of_another_organisation_is_on_it(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    theirs = [failed(rival), *quick(rival, 1)]
    page = browsing(northwind.operator).get(HOME).content.decode()
    for run in theirs:
        assert str(run.pk) not in page
