"""The admin: what platform owners set up, through services, and what they only read."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from governance.access.models import ApiToken, Grant
from governance.access.organisations import add_owner
from governance.access.people import disable_person
from governance.accounts.models import Organisation, Project, Team, User
from governance.admin.gate import OwnerAdmin
from governance.ledger.acting import acting
from governance.ledger.models import Event
from governance.releases.models import Environment
from runs.costs.models import Price
from tests.factories.cast import PASSWORD, Company
from tests.factories.things import make_active
from tests.visiting import Browsing

MADE_BY_SERVICES = {"environment", "grant", "limit", "price", "project", "team", "user"}
PAGES = sorted(admin.site._registry, key=lambda model: model._meta.label)


def page(model: type, name: str, *arguments: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=arguments)  # type: ignore[attr-defined]


def last_event() -> Event:
    return Event.objects.latest("id")


def refused(client: Client, address: str, given: dict[str, Any]) -> str:
    answer = client.post(address, given)
    assert answer.status_code == 200
    errors = answer.context["adminform"].form.errors
    assert errors
    return " ".join(str(found) for found in errors.values())


def test_every_page_of_the_admin_keeps_to_the_owners_gate() -> None:
    assert all(isinstance(found, OwnerAdmin) for found in admin.site._registry.values())


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label)
def test_a_list_shows_an_owner_no_row_of_another_organisation(
    northwind: Company, rival: Company, browsing: Browsing, model: type
) -> None:
    make_active(rival)
    answer = browsing(northwind.owner).get(page(model, "changelist"))
    assert answer.status_code == 200
    words = answer.content.decode()
    assert "Rival" not in words
    assert "rival" not in words


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label)
def test_nothing_governed_is_added_changed_or_deleted_not_even_by_a_superuser(
    northwind: Company, browsing: Browsing, model: type
) -> None:
    make_active(northwind)
    root = User.objects.create_superuser(
        "root@northwind.example", "Root", PASSWORD, employer=northwind.organisation
    )
    add_owner(northwind.organisation, actor=northwind.owner, person=root)
    client = browsing(root)
    name = model._meta.model_name  # type: ignore[attr-defined]
    if name not in MADE_BY_SERVICES | {"organisation"}:
        assert client.get(page(model, "add")).status_code == 403
        assert client.post(page(model, "add"), {}).status_code == 403
    row = _a_row(model, northwind)
    if row is not None:
        assert client.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
        if name not in {"grant", "organisation", "team", "user"}:
            assert client.get(page(model, "change", row.pk)).status_code == 200
            assert client.post(page(model, "change", row.pk), {"name": "x", "slug": "x"}).status_code == 403


@pytest.mark.parametrize("part", ["author", "approver", "operator", "auditor", "stranger"])
def test_who_owns_nothing_is_not_let_in(northwind: Company, browsing: Browsing, part: str) -> None:
    answer = browsing(northwind.person(part)).get(reverse("admin:index"), follow=True)
    assert answer.status_code == 403
    assert "platform owner" in answer.content.decode()


def test_staff_who_own_nothing_see_no_model(northwind: Company, browsing: Browsing) -> None:
    with acting(northwind.owner):
        User.objects.filter(pk=northwind.auditor.pk).update(is_staff=True)
    client = browsing(northwind.person("auditor"))
    assert client.get(reverse("admin:index")).context["app_list"] == []
    assert client.get(page(User, "changelist")).status_code == 403


def test_an_object_of_another_organisation_is_not_there(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    client = browsing(northwind.owner)
    for found in (rival.author.pk, uuid4()):
        assert client.get(page(User, "change", found)).status_code == 404
        assert client.post(page(User, "change", found), {}).status_code == 404
    assert rival.person("author").is_active


def test_a_project_is_opened_through_its_service(northwind: Company, browsing: Browsing) -> None:
    client, address = browsing(northwind.owner), page(Project, "add")
    given = {"organisation": northwind.organisation.pk, "slug": "cards", "name": "Cards"}
    assert client.post(address, given).status_code == 302
    assert Project.objects.get(slug="cards").organisation == northwind.organisation
    assert last_event().kind == "project.created"
    assert "taken" in refused(client, address, given)
    assert "slug" in refused(client, address, {**given, "slug": "two words"}).lower()


def test_nothing_is_made_in_another_organisation(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    given = {"organisation": rival.organisation.pk, "slug": "cards", "name": "Cards"}
    refused(browsing(northwind.owner), page(Project, "add"), given)
    assert not Project.objects.filter(slug="cards").exists()


def test_a_person_is_made_and_shut_through_services(northwind: Company, browsing: Browsing) -> None:
    client = browsing(northwind.owner)
    given = {"organisation": northwind.organisation.pk, "email": "nora@northwind.example", "name": "Nora New"}
    assert "12 characters" in refused(client, page(User, "add"), {**given, "password": "short"})
    client.post(page(User, "add"), {**given, "password": "a long passphrase of hers"})
    nora = User.objects.get(email="nora@northwind.example")
    assert nora.check_password("a long passphrase of hers")
    client.post(page(User, "change", nora.pk), {})
    nora.refresh_from_db()
    assert not nora.is_active
    assert last_event().kind == "person.disabled"
    client.post(page(User, "change", nora.pk), {"enabled": "on"})
    nora.refresh_from_db()
    assert nora.is_active


def test_nobody_shuts_their_own_account(northwind: Company, browsing: Browsing) -> None:
    words = refused(browsing(northwind.owner), page(User, "change", northwind.owner.pk), {})
    assert "their own account" in words
    assert northwind.person("owner").is_active


def test_a_role_is_given_with_a_reason_and_taken_with_another(northwind: Company, browsing: Browsing) -> None:
    client = browsing(northwind.owner)
    given = {"project": northwind.project.pk, "role": "auditor", "person": northwind.stranger.pk}
    refused(client, page(Grant, "add"), {**given, "reason": ""})
    assert "Name one" in refused(client, page(Grant, "add"), {**given, "person": "", "reason": "new"})
    client.post(page(Grant, "add"), {**given, "reason": "joined the audit"})
    grant = Grant.objects.get(person=northwind.stranger)
    assert (grant.role, grant.reason, grant.granted_by) == ("auditor", "joined the audit", northwind.owner)
    refused(client, page(Grant, "change", grant.pk), {"reason_for_revoking": ""})
    client.post(page(Grant, "change", grant.pk), {"reason_for_revoking": "left the audit"})
    grant.refresh_from_db()
    assert grant.revoked_at is not None
    assert last_event().details["reason"] == "left the audit"
    assert client.post(page(Grant, "change", grant.pk), {"reason_for_revoking": "again"}).status_code == 403


def test_a_role_is_not_given_across_organisations(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    given = {
        "project": northwind.project.pk,
        "role": "approver",
        "person": rival.author.pk,
        "reason": "a favour",
    }
    refused(browsing(northwind.owner), page(Grant, "add"), given)
    assert not Grant.objects.filter(person=rival.author, project=northwind.project).exists()


def test_a_team_is_filled_and_emptied_through_services(northwind: Company, browsing: Browsing) -> None:
    client = browsing(northwind.owner)
    client.post(page(Team, "add"), {"organisation": northwind.organisation.pk, "name": "Reviewers"})
    team = Team.objects.get(name="Reviewers")
    address = page(Team, "change", team.pk)
    client.post(address, {"add": [northwind.author.pk, northwind.auditor.pk]})
    client.post(address, {"remove": [northwind.auditor.pk]})
    assert list(team.group.user_set.all()) == [northwind.author]
    assert last_event().kind == "team.member_removed"


def test_the_last_owner_stays_and_no_stranger_becomes_one(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    client, address = browsing(northwind.owner), page(Organisation, "change", northwind.organisation.pk)
    refused(client, address, {"remove": [northwind.owner.pk]})
    refused(client, address, {"add": [rival.author.pk]})
    client.post(address, {"add": [northwind.auditor.pk]})
    assert set(northwind.organisation.owners.all()) == {northwind.owner, northwind.auditor}


def test_saving_touches_nobody_who_was_added_meanwhile_or_is_disabled(
    northwind: Company, browsing: Browsing
) -> None:
    client, address = browsing(northwind.owner), page(Organisation, "change", northwind.organisation.pk)
    client.get(address)
    for person in (northwind.author, northwind.auditor):
        add_owner(northwind.organisation, actor=northwind.owner, person=person)
    disable_person(northwind.author, actor=northwind.owner, organisation=northwind.organisation)

    client.post(address, {"add": [northwind.approver.pk]})

    assert northwind.organisation.owners.count() == 4
    assert "Anna Author" in str(client.get(address).context["adminform"].form["remove"])


def test_environments_and_prices_are_set_through_their_services(
    northwind: Company, browsing: Browsing
) -> None:
    client = browsing(northwind.owner)
    here = {"organisation": northwind.organisation.pk}
    client.post(
        page(Environment, "add"), {**here, "slug": "drill", "name": "Drill", "rank": 5, "protected": "on"}
    )
    assert Environment.objects.get(slug="drill").protected
    price = {
        **here,
        "provider": "default",
        "model": "m",
        "effective_from": "2026-01-01 00:00",
        "input_per_million": "0.5",
        "output_per_million": "1.5",
        "currency": "EUR",
        "basis": "list",
    }
    client.post(page(Price, "add"), price)
    assert Price.objects.get(model="m").output_per_million == 1.5
    assert last_event().kind == "price.set"
    assert "already" in refused(client, page(Price, "add"), price)


def test_nobody_signs_in_at_the_admin_itself(northwind: Company, client: Client) -> None:
    answer = client.get("/admin/login/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("account_login"))


def _a_row(model: type, company: Company) -> Any:
    found = admin.site._registry[model]
    rows = model._default_manager.filter(**{f"{found.organisation_path}__in": [company.organisation.pk]})  # type: ignore[attr-defined]
    return rows.first()


@pytest.mark.parametrize(
    ("model", "asked"),
    [
        (User, "password__startswith=s"),
        (User, "password__regex=."),
        (User, "email__contains=a"),
        (User, "last_login__year__gte=99999999999999"),
        (User, "employer__slug=northwind"),
        (ApiToken, "secret_sha256__startswith=0"),
        (ApiToken, "person__password__startswith=s"),
        (Event, "kind=%00"),
        (Event, "kind__exact=%00"),
        (Event, "kind__exact=a%00b"),
        (User, "email=%00"),
        (User, "%00=1"),
    ],
    ids=lambda part: part if isinstance(part, str) else part._meta.model_name,
)
def test_a_list_answers_no_question_but_those_of_its_filters(
    northwind: Company, browsing: Browsing, model: type, asked: str
) -> None:
    answer = browsing(northwind.owner).get(f"{page(model, 'changelist')}?{asked}")
    assert answer.status_code == 400


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label)
def test_every_choice_that_a_list_offers_is_answered(
    northwind: Company, browsing: Browsing, model: type
) -> None:
    make_active(northwind)
    browser = browsing(northwind.owner)
    address = page(model, "changelist")
    offered = browser.get(address).context["cl"]
    for spec in offered.filter_specs:
        for choice in spec.choices(offered):
            assert browser.get(address + choice["query_string"]).status_code == 200, choice
    assert browser.get(f"{address}?o=1&p=1&all=").status_code == 200
    assert browser.get(f"{address}?q=%00").status_code < 500


def test_a_search_for_what_the_database_does_not_take_is_refused(
    northwind: Company, browsing: Browsing
) -> None:
    asked = {"app_label": "governance", "model_name": "release", "field_name": "version"}
    browser = browsing(northwind.owner)
    answers = [browser.get(reverse("admin:autocomplete"), {**asked, "term": term}) for term in ("a", "\x00")]
    assert [answer.status_code for answer in answers] == [200, 400]
