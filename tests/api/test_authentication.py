"""Who may call at all."""

from datetime import timedelta

import pytest

from governance.access.models import ApiToken
from governance.access.organisations import create_project
from governance.access.people import disable_person
from governance.access.permissions import Role, Scope
from governance.access.services import grant_role
from governance.access.tokens import revoke_token
from tests.api.callers import Caller, by_session, by_token, nobody, problem_of
from tests.factories.cast import Company
from tests.factories.things import make_prompt
from tests.factories.times import earlier


@pytest.mark.django_db
def test_nobody_gets_past_the_door_and_is_told_what_to_bring() -> None:
    answer = nobody().get("runs/")
    assert problem_of(answer, 401)["title"] == "Not signed in"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Countersign"'


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer csn_",
        "Bearer csn_0_0",
        "Basic YTpi",
        "Token x",
        "Bearer \xff",
        "Bearer " + "a" * 9000,
    ],
)
@pytest.mark.django_db
def test_a_malformed_header_is_refused_like_an_unknown_token(header: str) -> None:
    problem_of(nobody().get("me/", headers={"Authorization": header}), 401)


def test_a_known_prefix_with_another_secret_is_refused(auditor: Caller) -> None:
    wrong = Caller(auditor.client, auditor.secret[:-1] + ("a" if auditor.secret[-1] != "a" else "b"))
    problem_of(wrong.get("me/"), 401)


def test_a_revoked_token_is_refused_at_once(northwind: Company, auditor: Caller) -> None:
    assert auditor.get("me/").status_code == 200
    revoke_token(ApiToken.objects.get(person=northwind.auditor), actor=northwind.auditor)
    problem_of(auditor.get("me/"), 401)


def test_an_expired_token_is_refused(northwind: Company) -> None:
    with earlier(timedelta(minutes=61)):
        late = by_token(northwind.auditor, northwind)
    problem_of(late.get("me/"), 401)


def test_the_tokens_of_a_disabled_person_are_refused(northwind: Company, auditor: Caller) -> None:
    disable_person(northwind.auditor, actor=northwind.owner, organisation=northwind.organisation)
    problem_of(auditor.get("me/"), 401)


@pytest.mark.parametrize("parameter", ["token", "access_token", "api_key", "authorization"])
def test_a_token_in_the_address_opens_nothing(auditor: Caller, parameter: str) -> None:
    problem_of(nobody().get("me/", **{parameter: auditor.secret}), 401)


def test_a_session_reads_and_writes_without_a_scope(northwind: Company) -> None:
    caller = by_session(northwind.author)
    assert caller.get("me/").json()["token"] is None
    wanted = {"project": "complaints", "kind": "prompt", "slug": "by-session"}
    assert caller.post("assets/", wanted).status_code == 201


def test_a_session_without_its_csrf_token_writes_nothing(northwind: Company) -> None:
    caller = by_session(northwind.author, checks=True)
    assert caller.get("me/").status_code == 200
    refused = problem_of(caller.post("assets/", {"project": "complaints"}), 403)
    assert "CSRF" in refused["detail"]


def test_the_session_of_a_disabled_person_is_worth_nothing(northwind: Company) -> None:
    caller = by_session(northwind.auditor)
    disable_person(northwind.auditor, actor=northwind.owner, organisation=northwind.organisation)
    problem_of(caller.get("me/"), 401)


@pytest.mark.parametrize(
    ("scope", "place"),
    [
        (Scope.READ, "assets/"),
        (Scope.RUNS_WRITE, "assets/"),
        (Scope.CATALOG_WRITE, "runs/"),
        (Scope.CATALOG_WRITE, "releases/"),
    ],
)
def test_a_token_writes_only_what_its_scopes_name(northwind: Company, scope: Scope, place: str) -> None:
    caller = by_token(northwind.author, northwind, scopes=frozenset({scope}))
    refused = problem_of(caller.post(place, {}), 403)
    assert refused["missing"] in refused["detail"]


def test_a_token_without_the_scope_to_read_reads_nothing(northwind: Company) -> None:
    caller = by_token(northwind.operator, northwind, scopes=frozenset({Scope.RUNS_WRITE}))
    assert problem_of(caller.get("runs/"), 403)["missing"] == "read"


def test_a_token_reaches_no_further_than_its_project(northwind: Company) -> None:
    other = create_project(northwind.organisation, actor=northwind.owner, slug="loans", name="Loans")
    grant_role(other, actor=northwind.owner, role=Role.AUTHOR, to=northwind.author, reason="covers both")
    narrow = by_token(northwind.author, northwind, project=other)
    prompt = make_prompt(northwind)
    assert [project["slug"] for project in narrow.get("projects/").json()["results"]] == ["loans"]
    problem_of(narrow.get(f"versions/{prompt.pk}/"), 404)
