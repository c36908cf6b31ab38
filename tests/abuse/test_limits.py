"""Cases 54 and 56: how often somebody may guess, from where, and who is believed about where that is."""

from io import StringIO
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pytest_django import Settings

from portal.client_address import client_address
from portal.env import Environment
from tests.factories.cast import PASSWORD, Company
from tests.visiting import visitor

OFFICE, ELSEWHERE, PROXY = "203.0.113.7", "198.51.100.9", "10.0.0.1"
OURS = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]
EACH = {name: int(rate.partition("/")[0]) for name, rate in settings.SIGN_IN_LIMITS.items()}

anybody = st.ip_addresses().filter(
    lambda found: (
        not any(found in network for network in OURS)
        and not getattr(found, "ipv4_mapped", None)
        and not getattr(found, "scope_id", None)
    )
)
ours = st.ip_addresses(network="10.0.0.0/8") | st.ip_addresses(network="fd00::/8")
words = st.text(st.characters(codec="latin-1", exclude_characters=","))


@pytest.fixture(autouse=True)
def slate(db: None) -> None:
    """Counts of attempts live in the cache, which lives in the database: each test begins with none."""


def attempt(email: str, password: str = PASSWORD, *, address: str = OFFICE, **headers: str) -> Any:
    """Try to sign in from an address."""
    return visitor(REMOTE_ADDR=address).post(
        "/account/login/", {"login": email, "password": password}, headers=headers
    )


def guess(email: str, times: int, *, address: str = OFFICE) -> None:
    """Wrong passwords."""
    for _ in range(times):
        attempt(email, "wrong guess", address=address)


def refused(answer: Any) -> bool:
    """Whether it was not even tried."""
    return answer.status_code == 200 and "Too many failed login attempts" in answer.content.decode()


def test_54_guessing_is_stopped_even_when_the_next_one_is_right(northwind: Company) -> None:
    guess(northwind.auditor.email, EACH["account_and_address"])

    assert refused(attempt(northwind.auditor.email))
    assert refused(attempt(northwind.auditor.email.upper()))


def test_54_whoever_guesses_shuts_neither_the_office_nor_the_person_elsewhere_out(northwind: Company) -> None:
    guess(northwind.auditor.email, 3 * EACH["address"])

    assert attempt(northwind.approver.email).status_code == 302
    assert attempt(northwind.auditor.email, address=ELSEWHERE).status_code == 302


def test_54_one_account_is_not_guessed_at_from_many_addresses(northwind: Company) -> None:
    for number in range(EACH["account"]):
        guess(northwind.auditor.email, 1, address=f"198.51.100.{number}")

    assert refused(attempt(northwind.auditor.email))


def test_54_one_address_may_not_try_many_accounts(northwind: Company) -> None:
    for number in range(EACH["address"]):
        guess(f"nobody{number}@northwind.example", 1)

    assert refused(attempt(northwind.auditor.email))
    assert attempt(northwind.auditor.email, address=ELSEWHERE).status_code == 302


def test_54_another_name_of_the_portal_is_not_another_account(northwind: Company) -> None:
    for port in range(EACH["account"]):
        host = {"Host": f"testserver:{8000 + port}"}
        attempt(northwind.auditor.email, "wrong guess", address=f"198.51.100.{port}", **host)

    assert refused(attempt(northwind.auditor.email, Host="testserver:9000"))
    assert refused(attempt(f" {northwind.auditor.email.title()} "))


def test_54_many_other_attempts_do_not_wash_a_limit_away(northwind: Company) -> None:
    guess(northwind.auditor.email, EACH["account_and_address"])
    for number in range(400):
        cache.set(f"{number:03}", [0.0], 300)
        cache.set(f"z{number:03}", [0.0], 300)

    assert refused(attempt(northwind.auditor.email))


def test_54_right_passwords_are_not_counted(northwind: Company) -> None:
    for _ in range(EACH["account_and_address"] + 2):
        assert attempt(northwind.auditor.email).status_code == 302


def test_54_who_sets_a_new_password_by_mail_begins_anew(northwind: Company, mailoutbox: list[Any]) -> None:
    guess(northwind.auditor.email, EACH["account_and_address"])
    client = visitor(REMOTE_ADDR=OFFICE)
    client.post("/account/password/reset/", {"email": northwind.auditor.email})
    link = next(word for word in mailoutbox[0].body.split() if "/reset/key/" in word)
    form = client.get(link.removeprefix("http://testserver"))
    new = "an entirely different sentence"
    client.post(form.headers["Location"], {"password1": new, "password2": new})

    assert attempt(northwind.auditor.email, new).status_code == 302


def test_56_a_forged_address_does_not_dodge_the_limit(northwind: Company) -> None:
    for number in range(EACH["account_and_address"]):
        attempt(northwind.auditor.email, "guess", **{"X-Forwarded-For": f"192.0.2.{number}"})

    assert refused(attempt(northwind.auditor.email, **{"X-Forwarded-For": "192.0.2.200"}))


def test_56_behind_a_trusted_proxy_each_visitor_counts_alone(northwind: Company, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = OURS
    for number in range(EACH["account_and_address"]):
        forged = {"X-Forwarded-For": f"192.0.2.{number}, {OFFICE}, 10.9.9.9"}
        attempt(northwind.auditor.email, "guess", address=PROXY, **forged)

    here = {"X-Forwarded-For": OFFICE}
    assert refused(attempt(northwind.auditor.email, address=PROXY, **here))
    there = {"X-Forwarded-For": ELSEWHERE}
    assert attempt(northwind.auditor.email, address=PROXY, **there).status_code == 302


@pytest.mark.parametrize(("proxies", "recorded"), [(OURS, OFFICE), ([], PROXY)])
def test_56_a_session_notes_the_address_of_its_person(
    proxies: list[Any], recorded: str, northwind: Company, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = proxies
    attempt(northwind.auditor.email, address=PROXY, **{"X-Forwarded-For": f"192.0.2.1, {OFFICE}"})

    assert UserSession.objects.get(user=northwind.auditor).ip == recorded


@pytest.mark.parametrize(("address", "scheme"), [(PROXY, "https"), (OFFICE, "http")])
def test_56_the_scheme_is_believed_of_a_trusted_proxy_alone(
    address: str, scheme: str, northwind: Company, settings: Settings, mailoutbox: list[Any]
) -> None:
    settings.TRUSTED_PROXIES = OURS
    visitor(REMOTE_ADDR=address).post(
        "/account/password/reset/", {"email": northwind.auditor.email}, headers={"X-Forwarded-Proto": "https"}
    )

    assert f" {scheme}://testserver" in " ".join(mailoutbox[0].body.split())


@given(peer=anybody, said=words)
def test_56_nobody_is_believed_about_themselves(peer: Any, said: str) -> None:
    assert client_address(str(peer), said, trusted=OURS) == str(peer)


@given(claimed=st.lists(words), client=anybody, between=st.lists(ours), proxy=ours)
def test_56_what_a_client_claims_stands_left_of_what_was_seen(
    claimed: list[str], client: Any, between: list[Any], proxy: Any
) -> None:
    forwarded = ", ".join([*claimed, *map(str, [client, *between])])

    assert client_address(str(proxy), forwarded, trusted=OURS) == str(client)


@given(peer=anybody | ours, said=st.lists(words | anybody.map(str) | ours.map(str)))
def test_56_the_answer_is_always_an_address_that_somebody_saw(peer: Any, said: list[str]) -> None:
    found = client_address(str(peer), ",".join(said), trusted=OURS)

    seen = {str(peer), *(word.strip() for word in ",".join(said).split(","))}
    assert str(ip_address(found)) in {*seen, *(normal(word) for word in seen)}


def normal(word: str) -> str:
    """The address in a word, written as ours are."""
    bare = word[1:].partition("]")[0] if word.startswith("[") else word.partition(":")[0]
    for form in (word, bare):
        try:
            return str(ip_address(form))
        except ValueError:
            continue
    return ""


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("203.0.113.7:4711", OFFICE),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("::ffff:203.0.113.7", OFFICE),
        ("2001:db8::1%eth0", PROXY),
        ("unknown", PROXY),
        ("203.0.113.7, ", PROXY),
        ("10.0.0.2, 10.0.0.3", "10.0.0.2"),
    ],
)
def test_56_addresses_are_read_in_the_forms_that_proxies_write(forwarded: str, client: str) -> None:
    assert client_address(PROXY, forwarded, trusted=OURS) == client


def test_56_proxies_are_named_as_addresses_and_networks() -> None:
    found = Environment(trusted_proxies="127.0.0.1, fd00::/8 ")  # type: ignore[arg-type]  # as the environment gives it
    assert found.trusted_proxies == (ip_network("127.0.0.1/32"), ip_network("fd00::/8"))
    with pytest.raises(ValidationError, match="trusted_proxies"):
        Environment(trusted_proxies="all of them")  # type: ignore[arg-type]


def test_56_who_installs_is_told_that_no_proxy_is_named(settings: Settings) -> None:
    told = StringIO()
    settings.TRUSTED_PROXIES = ()
    call_command("check", deploy=True, tags=["security"], stderr=told)
    assert "(portal.W003) TRUSTED_PROXIES is empty: behind a reverse proxy everybody has" in told.getvalue()

    told = StringIO()
    settings.TRUSTED_PROXIES = (ip_network("127.0.0.1/32"),)
    call_command("check", deploy=True, tags=["security"], stderr=told)
    assert "TRUSTED_PROXIES" not in told.getvalue()
