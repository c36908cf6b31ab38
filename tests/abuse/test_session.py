"""Cases 53 to 60: sessions, signing in, redirects, headers and what a server lets slip."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.core import mail

from tests.factories.cast import PASSWORD, Company
from tests.visiting import sign_in, visitor

SESSION = settings.SESSION_COOKIE_NAME


@pytest.fixture(autouse=True)
def slate(db: None) -> None:
    """Counts of attempts live in the cache, which lives in the database: each test begins with none."""


def test_53_signing_in_changes_the_session(northwind: Company) -> None:
    client = visitor()
    client.get("/account/login/")
    planted = "a" * 32
    client.cookies[SESSION] = planted

    sign_in(client, northwind.auditor.email)

    assert client.cookies[SESSION].value != planted
    assert client.get("/").status_code == 200
    thief = visitor()
    thief.cookies[SESSION] = planted
    assert thief.get("/").status_code == 302


def test_53_a_cookie_is_worth_nothing_after_signing_out(northwind: Company) -> None:
    client = visitor()
    sign_in(client, northwind.auditor.email)
    kept = client.cookies[SESSION].value
    client.post("/account/logout/")

    thief = visitor()
    thief.cookies[SESSION] = kept
    assert thief.get("/").status_code == 302
    assert not Session.objects.filter(session_key=kept).exists()


def test_53_a_changed_password_ends_the_other_sessions(northwind: Company) -> None:
    here, elsewhere = visitor(), visitor()
    sign_in(here, northwind.auditor.email)
    sign_in(elsewhere, northwind.auditor.email)

    new = "an entirely different sentence"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/account/password/change/", form).status_code == 302

    assert elsewhere.get("/").status_code == 302


def test_53_cookies_are_kept_from_scripts_and_other_sites(northwind: Company) -> None:
    client = visitor()
    sign_in(client, northwind.auditor.email)
    client.get("/")

    for name in (SESSION, settings.CSRF_COOKIE_NAME):
        assert client.cookies[name]["httponly"], name
        assert client.cookies[name]["samesite"] == "Lax", name


@pytest.mark.parametrize("value", [r'"\000\000' + "a" * 30 + '"', "a" * 31, "A" * 32, "a" * 33, "é" * 32])
def test_53_a_session_cookie_that_is_none_is_forgotten(value: str, db: None) -> None:
    answer = visitor(HTTP_COOKIE=f"{SESSION}={value}").get("/")

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/login/")


def test_54_an_unknown_account_answers_like_a_wrong_password(northwind: Company) -> None:
    known = sign_in(visitor(), northwind.auditor.email, "wrong guess")
    unknown = sign_in(visitor(), "nobody@northwind.example", "wrong guess")

    assert known.status_code == unknown.status_code
    assert errors(known) == errors(unknown)


def test_54_a_shut_account_does_not_say_so_without_its_password(northwind: Company) -> None:
    shut = sign_in(visitor(), northwind.disabled.email, "wrong guess")
    unknown = sign_in(visitor(), "nobody@northwind.example", "wrong guess")

    assert errors(shut) == errors(unknown)
    assert sign_in(visitor(), northwind.disabled.email).headers.get("Location") != "/"


@pytest.mark.parametrize(
    "place",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
     "http:///evil.example", "////evil.example", "/%09/evil.example", "https:evil.example"],
)  # fmt: skip
def test_55_signing_in_leads_home_and_to_no_other_site(place: str, northwind: Company) -> None:
    answer = sign_in(visitor(), northwind.auditor.email, next=place)

    assert answer.status_code == 302
    target = answer.headers["Location"]
    assert target == "/" or (target.startswith("/") and not target.startswith(("//", "/\\")))
    assert "evil" not in target or target.startswith("/%09")


def test_55_the_wall_remembers_the_place_inside_alone() -> None:
    answer = visitor().get("//evil.example/x")

    assert answer.headers.get("Location", "/").startswith("/")
    assert not answer.headers.get("Location", "/").startswith("//")


def test_56_a_forged_host_is_refused(northwind: Company) -> None:
    answer = visitor().post(
        "/account/password/reset/", {"email": northwind.auditor.email}, headers={"Host": "evil.example"}
    )

    assert answer.status_code == 400
    assert mail.outbox == []


def test_56_a_reset_mail_leads_to_the_portal(northwind: Company) -> None:
    visitor().post(
        "/account/password/reset/",
        {"email": northwind.auditor.email},
        headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"},
    )

    assert len(mail.outbox) == 1
    assert "evil.example" not in mail.outbox[0].body
    assert "http://testserver/account/password/reset/key/" in mail.outbox[0].body


def test_59_no_page_can_be_framed_and_every_page_has_its_policy(northwind: Company) -> None:
    client = visitor(northwind.approver)
    for url in ("/", "/approvals/", "/account/login/", "/nowhere/", "/api/v1/me/", "/admin/"):
        answer = client.get(url)
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy, url
        assert "unsafe" not in policy, url
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "path",
    ["/.env", "/.git/config", "/static/.env", "/static/../portal/settings.py", "/static/%2e%2e/manage.py",
     "/settings.py~", "/debug/", "/__debug__/", "/server-status", "/var/secrets.json"],
)  # fmt: skip
def test_60_nothing_of_the_installation_is_served(path: str, northwind: Company) -> None:
    """Not even to somebody who is signed in; others are sent to sign in, whatever they ask for."""
    assert visitor(northwind.owner).get(path).status_code == 404


def test_60_our_own_mistake_shows_a_number_and_no_trace(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **named: Any) -> None:
        raise RuntimeError("canary-of-a-trace")

    monkeypatch.setattr("governance.releases.querysets.ReleaseQuerySet.visible_to", broken)
    answer = visitor(northwind.auditor).get("/releases/")

    page = answer.content.decode()
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in page
    assert "canary-of-a-trace" not in page
    assert "Traceback" not in page
    assert "governance/" not in page.replace("/static/", "")


def test_a_request_names_itself_only_plainly() -> None:
    kept = visitor().get("/healthz", headers={"X-Request-ID": "0123456789abcdef"})
    forged = visitor().get("/healthz", headers={"X-Request-ID": "x\nSet-Cookie: a=b"[:60] + "\u2028"})

    assert kept.headers["X-Request-ID"] == "0123456789abcdef"
    assert len(forged.headers["X-Request-ID"]) == 32


def test_54_an_unknown_account_costs_the_same_work(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One password is hashed either way: the time of the answer does not tell who has an account."""
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    sign_in(visitor(), northwind.auditor.email, "wrong guess")
    sign_in(visitor(), "nobody@northwind.example", "wrong guess here")

    assert hashed == ["wrong guess", "wrong guess here"]


def errors(answer: Any) -> list[str]:
    """What the form says is wrong."""
    form = answer.context["form"]
    return [*form.non_field_errors(), *(str(problem) for found in form.errors.values() for problem in found)]
