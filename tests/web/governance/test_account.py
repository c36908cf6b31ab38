"""GET /account/, GET and POST /account/tokens/, POST /account/tokens/<id>/revoke/"""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from governance.access.models import ApiToken
from governance.access.permissions import Scope
from governance.access.tokens import create_token, find_token
from governance.ledger.models import Event
from tests.factories.cast import Company
from tests.visiting import Browsing

TOKENS = reverse("governance:tokens")


def form(company: Company, **changed: Any) -> dict[str, Any]:
    given = {
        "name": "nightly import",
        "organisation": company.organisation.pk,
        "project": "",
        "scopes": ["read"],
        "days": 30,
    }
    return {**given, **changed}


def make_token(company: Company) -> ApiToken:
    made, _ = create_token(
        company.operator,
        actor=company.operator,
        organisation=company.organisation,
        name="nightly",
        scopes=[Scope.READ],
        life=timedelta(days=1),
    )
    return made


def test_the_secret_works_is_shown_once_and_is_stored_nowhere(northwind: Company, browsing: Browsing) -> None:
    client = browsing(northwind.operator)
    answer = client.post(TOKENS, form(northwind, scopes=["read", "runs:write"]))
    secret = answer.context["secret"]
    found = find_token(secret)
    assert found is not None
    assert (found.person, found.scopes, found.project) == (northwind.operator, ["read", "runs:write"], None)
    assert secret in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert secret not in client.get(TOKENS).content.decode()
    assert all(secret.encode() not in bytes(event.record) for event in Event.objects.all())


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "nul\x00"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"days": 0}, "days"),
        ({"days": 366}, "days"),
        ({"organisation": "rival"}, "organisation"),
        ({"project": "rival"}, "project"),
    ],
)
def test_what_cannot_be_a_token_is_refused_beside_its_field(
    northwind: Company, rival: Company, browsing: Browsing, changed: dict[str, Any], field: str
) -> None:
    foreign = {"organisation": rival.organisation.pk, "project": rival.project.pk}
    given = {name: foreign[name] if value == "rival" else value for name, value in changed.items()}
    answer = browsing(northwind.operator).post(TOKENS, form(northwind, **given))
    assert answer.status_code == 400
    assert answer.context["form"].errors[field]
    assert not ApiToken.objects.exists()


def test_a_revoked_token_is_refused_at_once(northwind: Company, browsing: Browsing) -> None:
    token = make_token(northwind)
    address = reverse("governance:token-revoke", args=[token.pk])
    client = browsing(northwind.operator)
    assert client.get(address).status_code == 405
    page = client.post(address, follow=True).content.decode()
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert "is revoked" in page
    assert client.post(address).status_code == 409


def test_somebody_elses_token_is_not_there(northwind: Company, browsing: Browsing) -> None:
    token = make_token(northwind)
    client = browsing(northwind.owner)
    assert client.post(reverse("governance:token-revoke", args=[token.pk])).status_code == 404
    assert token.prefix not in client.get(TOKENS).content.decode()


def test_the_account_says_what_one_may_do_and_where_to_change_the_password(
    northwind: Company, browsing: Browsing
) -> None:
    page = browsing(northwind.approver).get(reverse("governance:account")).content.decode()
    assert "Approver" in page
    assert "Northwind Bank" in page
    assert reverse("account_change_password") in page
    assert TOKENS in page


def test_who_holds_no_role_is_told_so(northwind: Company, browsing: Browsing) -> None:
    page = browsing(northwind.stranger).get(reverse("governance:account")).content.decode()
    assert "No role yet" in page


@pytest.mark.parametrize("part", ["owner", "stranger"])
def test_nobody_can_sign_up(northwind: Company, browsing: Browsing, part: str) -> None:
    client = browsing(northwind.person(part))
    assert client.get("/account/signup/").status_code == 404
    assert client.post("/account/signup/", {"email": "new@northwind.example"}).status_code == 404
