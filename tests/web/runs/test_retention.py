"""The pages of retention: setting a rule, placing a hold, lifting it, and what was removed."""

from datetime import timedelta

import pytest
from django.urls import reverse
from pytest_django import Settings

from governance.access.organisations import add_owner
from runs.retention.models import Hold, HoldLift, Rule
from tests.factories.cast import Company
from tests.factories.retention import WHY, announced, held, keep_for, old_run, removed
from tests.factories.runs import chain, released
from tests.visiting import Browsing

pytestmark = pytest.mark.django_db
RETENTION = "/retention/"
DAYS = {"scope": "period", "since": "2026-01-01", "until": "2026-01-31"}


def test_an_owner_sets_a_rule_and_it_is_shown(northwind: Company, browsing: Browsing) -> None:
    client = browsing(northwind.owner)
    answer = client.post(RETENTION, {"classification": "personal", "days": "200", "reason": WHY}, follow=True)
    page = answer.content.decode()
    assert "200 days after the last use" in page
    assert WHY in page
    assert Rule.objects.get().by == northwind.owner


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"days": "182"}, "greater than or equal to 183"),
        ({"days": "ten"}, "Enter a whole number"),
        ({"classification": "secret"}, "not one of the available choices"),
        ({"reason": " "}, "required"),
        ({"days": ""}, "This is the rule already"),
    ],
    ids=["short", "word", "class", "reason", "same"],
)
def test_a_wrong_rule_is_told_and_loses_nothing(
    northwind: Company, browsing: Browsing, changed: dict[str, str], words: str
) -> None:
    given = {"classification": "internal", "days": "365", "reason": WHY, **changed}
    answer = browsing(northwind.owner).post(RETENTION, given)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert WHY in answer.content.decode() or "reason" in changed
    assert not Rule.objects.exists()


@pytest.mark.parametrize("given", [{"scope": "reference", "key": "OLD-1"}, DAYS], ids=["reference", "period"])
def test_who_owns_two_organisations_places_a_hold_in_either(
    northwind: Company, rival: Company, browsing: Browsing, given: dict[str, str]
) -> None:
    rival.organisation.owners.add(northwind.owner)
    client = browsing(northwind.person("owner"))
    for company in (northwind, rival):
        sent = {**given, "project": str(company.project.pk), "reason": "A case."}
        assert client.post("/retention/holds/new/", sent).status_code == 302
    assert {(hold.organisation, hold.project) for hold in Hold.objects.all()} == {
        (company.organisation, company.project) for company in (northwind, rival)
    }


def test_a_hold_is_placed_asked_about_and_lifted_by_another(northwind: Company, browsing: Browsing) -> None:
    run = old_run(northwind, released(northwind, chain(2)))
    add_owner(northwind.organisation, actor=northwind.owner, person=northwind.stranger)
    first, second = browsing(northwind.owner), browsing(northwind.person("stranger"))
    placed = first.post("/retention/holds/new/", {"scope": "run", "key": str(run.pk), "reason": "A case."})
    hold = Hold.objects.get()
    page = reverse("runs:hold", args=[hold.pk])
    assert placed.headers["Location"] == page
    assert "OLD-1" in first.get(RETENTION).content.decode()

    first.post(f"{page}ask/", {"reason": "The case is closed."})
    assert "You asked that it be lifted" in first.get(page).content.decode()
    assert first.post(f"{page}confirm/").status_code == 403
    assert "The case is closed." in second.get(page).content.decode()
    second.post(f"{page}confirm/")
    assert HoldLift.objects.get().by == northwind.stranger
    assert "Lifted" in second.get(page).content.decode()
    assert second.post(f"{page}confirm/").status_code == 409


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"scope": "run", "key": "nobody"}, "There is no such run"),
        ({"scope": "workflow", "key": "00000000-0000-7000-8000-000000000000"}, "There is no such workflow"),
        ({"scope": "reference"}, "Give the reference"),
        ({"scope": "period", "since": "2026-02-01"}, "Give the first and the last day"),
        ({"scope": "period", "since": "2026-02-02", "until": "2026-02-01"}, "ends before it begins"),
    ],
    ids=["run", "workflow", "reference", "half", "turned"],
)
def test_a_wrong_hold_is_told(
    northwind: Company, browsing: Browsing, given: dict[str, str], words: str
) -> None:
    answer = browsing(northwind.owner).post("/retention/holds/new/", {**given, "reason": "A case."})
    assert (answer.status_code, words in answer.content.decode()) == (400, True)
    assert not Hold.objects.exists()


def test_what_is_announced_and_what_was_removed_is_shown_with_its_events(
    northwind: Company, browsing: Browsing, settings: Settings
) -> None:
    settings.RETENTION_NOTICE = timedelta()
    run = old_run(northwind, released(northwind, chain(2)))
    keep_for(northwind)
    [erasure] = announced()
    client = browsing(northwind.auditor)
    assert "Announced" in client.get(RETENTION).content.decode()

    held(northwind, run)
    removed()
    listing = client.get(RETENTION).content.decode()
    assert "0 removed, 3 kept" in listing
    page = client.get(reverse("runs:erasure", args=[erasure.pk])).content.decode()
    assert "A hold stands" in page
    assert "removed 0 contents, and kept 3" in page
    assert run.inputs.get().artifact.sha256[:8] in page
    assert "not yet signed" in page


def test_who_does_not_own_the_organisation_changes_nothing(northwind: Company, browsing: Browsing) -> None:
    client = browsing(northwind.auditor)
    assert "Set the rule" not in client.get(RETENTION).content.decode()
    assert client.get("/retention/holds/new/").status_code == 403
