"""A password that somebody else chose opens nothing but the page that replaces it."""

import pytest
from django.urls import reverse

from governance.access.people import create_person, give_first_password
from governance.accounts.models import User
from governance.errors import Invalid, WrongState
from governance.ledger.models import Event
from tests.factories.cast import Company
from tests.visiting import Browsing, sign_in, visitor

FIRST, OWN = "lent-by-an-owner-81", "chosen-by-myself-19"
CHANGE = "/account/password/change/"


@pytest.fixture
def newcomer(northwind: Company, browsing: Browsing) -> User:
    given = {
        "organisation": northwind.organisation.pk,
        "email": "new@northwind.example",
        "name": "New Person",
    }
    answer = browsing(northwind.owner).post(
        reverse("admin:governance_user_add"), {**given, "password": FIRST}
    )
    assert answer.status_code == 302
    return User.objects.get(email="new@northwind.example")


@pytest.mark.parametrize(
    "path", ["/", "/search/", "/account/", "/account/tokens/", "/account/2fa/", "/nowhere/"]
)
def test_every_page_leads_to_the_one_that_replaces_it(newcomer: User, path: str) -> None:
    client = visitor()
    sign_in(client, newcomer.email, FIRST)
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, CHANGE)
    assert client.post(path).status_code == 302


def test_that_page_offers_no_way_around(newcomer: User) -> None:
    client = visitor()
    sign_in(client, newcomer.email, FIRST)
    page = client.get(CHANGE)
    assert page.status_code == 200
    assert "was chosen for you" in page.content.decode()
    assert page.context["shell"].sections == page.context["shell"].account == []
    assert page.context["shell"].search == ""
    assert client.get("/static/nothing.css").status_code == 404


def test_the_session_does_not_open_the_api_either(newcomer: User) -> None:
    client = visitor()
    sign_in(client, newcomer.email, FIRST)
    answer = client.get("/api/v1/me/")
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_fragment_sends_the_whole_page_there(newcomer: User) -> None:
    client = visitor()
    sign_in(client, newcomer.email, FIRST)
    assert client.get("/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == CHANGE


def test_the_same_password_again_is_refused_and_ones_own_opens_the_portal(newcomer: User) -> None:
    client = visitor()
    sign_in(client, newcomer.email, FIRST)
    same = client.post(CHANGE, {"oldpassword": FIRST, "password1": FIRST, "password2": FIRST})
    assert "Choose another one" in same.content.decode()
    assert client.get("/").status_code == 302
    answer = client.post(CHANGE, {"oldpassword": FIRST, "password1": OWN, "password2": OWN})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    again = visitor()
    assert sign_in(again, newcomer.email, OWN).headers["Location"] == "/"
    assert again.get("/").status_code == 200


def test_nobody_gives_a_password_to_who_has_one(northwind: Company, newcomer: User) -> None:
    for person in (newcomer, northwind.approver):
        with pytest.raises(WrongState, match="has a password already"):
            give_first_password(
                person, actor=northwind.owner, organisation=northwind.organisation, password=OWN
            )


def test_giving_it_is_recorded_and_a_weak_one_is_refused(northwind: Company) -> None:
    owner, bank = northwind.owner, northwind.organisation
    person = create_person("one@northwind.example", actor=owner, name="One", password=None, organisation=bank)
    with pytest.raises(Invalid):
        give_first_password(person, actor=owner, organisation=bank, password="short")
    give_first_password(person, actor=owner, organisation=bank, password=FIRST)
    event = Event.objects.get(kind="person.password_given")
    assert (event.object_id, event.actor) == (person.pk, northwind.owner.pk)
    assert FIRST not in bytes(event.record).decode()
