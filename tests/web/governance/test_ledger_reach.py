"""The ledger is read project by project, whoever works for the same organisation."""

from datetime import timedelta

import pytest
from django.urls import reverse

from governance.access.organisations import create_project
from governance.access.permissions import Role, Scope
from governance.access.services import grant_role
from governance.access.tokens import create_token
from governance.accounts.models import Project, User
from governance.ledger.models import Event
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released
from tests.factories.things import make_active, make_prompt
from tests.visiting import Browsing

LEDGER = reverse("governance:ledger")


@pytest.fixture
def other(northwind: Company) -> Project:
    """A second project of the organisation, which only the stranger audits."""
    made = create_project(northwind.organisation, actor=northwind.owner, slug="other", name="Other")
    grant_role(
        made, actor=northwind.owner, role=Role.AUDITOR, to=northwind.stranger, reason="the yearly audit"
    )
    return made


def listed(browsing: Browsing, person: User, **query: str) -> list[Event]:
    return [row.event for row in browsing(person).get(LEDGER, query).context["rows"]]


def test_an_auditor_of_one_project_reads_nothing_of_another(
    northwind: Company, other: Project, browsing: Browsing
) -> None:
    release, _ = make_active(northwind)
    event = Event.objects.get(kind="release.submitted", object_id=release.pk)
    page = reverse("governance:event", args=[event.pk])

    assert {found.project for found in listed(browsing, northwind.stranger)} == {other.pk}
    assert listed(browsing, northwind.stranger, object=str(release.pk)) == []
    assert browsing(northwind.stranger).get(page).status_code == 404

    assert event in listed(browsing, northwind.auditor, object=str(release.pk))
    assert browsing(northwind.auditor).get(page).status_code == 200
    assert {found.project for found in listed(browsing, northwind.auditor)} == {northwind.project.pk}


def test_an_owner_reads_the_whole_organisation(
    northwind: Company, rival: Company, other: Project, browsing: Browsing
) -> None:
    make_prompt(northwind)
    make_prompt(rival)
    found = listed(browsing, northwind.owner)

    assert {northwind.project.pk, other.pk, None} <= {event.project for event in found}
    assert {event.organisation for event in found} == {northwind.organisation.pk}


def test_what_is_about_no_project_is_read_by_whoever_did_it(northwind: Company, browsing: Browsing) -> None:
    create_token(
        northwind.author,
        actor=northwind.author,
        organisation=northwind.organisation,
        name="for the test",
        scopes=[Scope.READ],
        life=timedelta(days=1),
    )

    assert len(listed(browsing, northwind.author, kind="token.created")) == 1
    assert listed(browsing, northwind.auditor, kind="token.created") == []


def test_every_event_of_the_work_in_a_project_names_it(northwind: Company) -> None:
    before = set(Event.objects.values_list("pk", flat=True))
    make_active(northwind)
    finish(begin(northwind, released(northwind, chain(1))))

    made = Event.objects.exclude(pk__in=before)
    assert {"prompt", "model", "workflow", "version", "release", "approval", "run", "step"} <= {
        event.object_type for event in made
    }
    assert {event.project for event in made} == {northwind.project.pk}
