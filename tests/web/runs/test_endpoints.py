"""The page of what runs can ask, and the same for programs: seen by members, set by platform owners."""

import pytest
from django.urls import reverse
from pytest_django import Settings
from pytest_django.asserts import assertContains, assertNotContains

from governance.accounts.models import User
from governance.releases.models import Opening
from governance.releases.openings import opening_of
from runs.insight.outlets import outlets
from tests.factories.calls import calling_bank
from tests.factories.cast import Company
from tests.factories.openings import opened
from tests.factories.runs import released
from tests.visiting import Browsing

LIST = reverse("runs:endpoints")


@pytest.fixture(autouse=True)
def addresses(settings: Settings) -> None:
    """The installation has two endpoints."""
    settings.HTTP_ENDPOINTS = {
        "bank": {"base_url": "https://bank.example/api", "api_key": "bank-secret"},
        "crm": {"base_url": "https://crm.example", "api_key": "crm-secret"},
    }


def page(company: Company, name: str = "bank", kind: str = "endpoint") -> str:
    return reverse(
        "runs:endpoint", kwargs={"organisation": company.organisation.slug, "kind": kind, "name": name}
    )


def test_members_see_what_is_open_and_only_a_platform_owner_where_it_leads(
    northwind: Company, browsing: Browsing
) -> None:
    shown = browsing(northwind.auditor).get(LIST)
    assertContains(shown, "bank")
    assertContains(shown, "The tests&#x27; bank.")
    assertNotContains(shown, "bank.example")
    assertNotContains(shown, page(northwind))

    owned = browsing(northwind.owner).get(LIST)
    assertContains(owned, "bank.example")
    assertContains(owned, page(northwind))
    assertNotContains(owned, "secret")


def test_it_says_where_what_nobody_approved_reaches_what_production_does(
    northwind: Company, browsing: Browsing
) -> None:
    said = "What nobody approved reaches it as well as production."
    assertContains(browsing(northwind.auditor).get(LIST), said, count=1)
    opened(northwind, northwind.production)
    assertNotContains(browsing(northwind.auditor).get(LIST), said)


def test_an_owner_opens_it_to_other_environments_with_a_reason(
    northwind: Company, browsing: Browsing
) -> None:
    owner = browsing(northwind.owner)
    given = {"environments": [northwind.production.pk], "reason": "The pilot is over."}

    assert owner.post(page(northwind, "crm"), {**given, "reason": ""}).status_code == 400
    assert owner.post(page(northwind, "crm"), given).status_code == 302
    assert owner.post(page(northwind, "crm"), given).status_code == 409

    found = opening_of(northwind.organisation.pk, "endpoint", "crm")
    assert found is not None
    assert (found.environments, found.reason) == ([northwind.production.pk], "The pilot is over.")
    assertContains(owner.get(LIST), "The pilot is over.")
    assertContains(
        owner.get(page(northwind, "crm")),
        "set to which environments the endpoint crm is open: The pilot is over.",
    )


def test_it_can_be_shut_to_all(northwind: Company, browsing: Browsing) -> None:
    browsing(northwind.owner).post(page(northwind), {"reason": "It leaks."})
    found = opening_of(northwind.organisation.pk, "endpoint", "bank")
    assert found is not None
    assert found.environments == []


def test_the_form_shows_what_is_in_effect_and_asks_it(northwind: Company, browsing: Browsing) -> None:
    release = released(northwind, calling_bank(), environment=northwind.production)
    owner = browsing(northwind.owner)

    assertContains(owner.get(page(northwind)), reverse("governance:release", args=[release.pk]))
    assertContains(owner.get(page(northwind, "crm")), "None within your reach.")


def test_a_name_that_nobody_knows_or_another_organisation_s_is_not_there(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    owner = browsing(northwind.owner)
    for address in (page(northwind, "vault"), page(rival), page(northwind, kind="prompt")):
        assert owner.get(address).status_code == 404


def test_programs_read_the_same(northwind: Company, rival: Company, browsing: Browsing) -> None:
    opened(northwind, northwind.production, name="crm")

    listed = browsing(northwind.auditor).get(reverse("api:endpoints")).json()["endpoints"]

    assert {row["organisation"]["slug"] for row in listed} == {"northwind"}
    by_name = {(row["kind"], row["name"]): row for row in listed}
    assert [found["slug"] for found in by_name["endpoint", "crm"]["open"]] == ["production"]
    assert by_name["endpoint", "crm"]["opening"]["set_by_name"] == northwind.owner.name
    assert len(by_name["endpoint", "bank"]["open"]) == 3
    assert by_name["provider", "default"]["opening"] is None


def test_a_provider_that_was_set_is_listed_though_it_has_no_address_here(northwind: Company) -> None:
    opened(northwind, northwind.production, name="gone", kind=Opening.Kind.PROVIDER)
    [found] = [outlet for outlet in outlets(northwind.owner) if outlet.name == "gone"]
    assert (found.has_address, found.open) == (False, [northwind.production])


def test_names_that_were_never_set_are_shown_to_owners_alone(northwind: Company) -> None:
    def named(person: User) -> set[str]:
        return {found.name for found in outlets(person) if found.kind == Opening.Kind.ENDPOINT}

    assert (named(northwind.auditor), named(northwind.owner)) == ({"bank"}, {"bank", "crm"})
