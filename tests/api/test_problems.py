"""How the API says no."""

import logging
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from tests.api.callers import Caller, by_token, nobody, problem_of
from tests.factories.cast import Company
from tests.factories.things import make_prompt
from tests.harness.fresh import FreshDatabase


def test_an_unknown_address_is_a_problem_and_not_a_page(auditor: Caller) -> None:
    for place in ("nothing/here/", "runs/not-an-id/", "runs", "../"):
        problem_of(auditor.get(place), 404)
    problem_of(auditor.post("nothing/", {}), 404)


@pytest.mark.django_db
def test_a_stranger_learns_nothing_of_which_addresses_exist() -> None:
    for place in ("runs/", "nothing/", f"runs/{uuid4()}/"):
        problem_of(nobody().get(place), 401)


def test_what_another_organisation_has_looks_exactly_like_what_nobody_has(
    northwind: Company, rival: Company, auditor: Caller
) -> None:
    theirs, missing = make_prompt(rival).pk, uuid4()
    bodies = []
    for pk in (theirs, missing):
        found = problem_of(auditor.get(f"versions/{pk}/"), 404)
        found.pop("instance")
        bodies.append(found)
    assert bodies[0] == bodies[1]


def test_a_method_that_does_not_exist_is_named(auditor: Caller) -> None:
    for method in ("put", "patch", "delete", "options", "trace"):
        answer = getattr(auditor.client, method)("/api/v1/me/", headers=auditor.headers)
        assert method.upper() in problem_of(answer, 405)["detail"]


def test_only_json_is_spoken(auditor: Caller) -> None:
    problem_of(auditor.get("me/", headers={"Accept": "application/xml"}), 406)
    assert auditor.get("me/", headers={"Accept": "text/html,*/*;q=0.8"}).status_code == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_only_json_is_read(author: Caller, kind: str) -> None:
    problem_of(author.post("assets/", b"slug=x", content_type=kind), 415)


def test_json_in_another_encoding_is_not_read(author: Caller) -> None:
    problem_of(author.post("assets/", b"{}", content_type="application/json; charset=utf-16"), 415)
    assert author.post("assets/", b"{}", content_type="application/json; charset=UTF-8").status_code == 400


def test_a_body_that_is_too_large_is_not_read(author: Caller, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    problem_of(author.post("assets/", b" " * 1001), 413)


def test_unknown_fields_and_parameters_are_refused_by_name(author: Caller) -> None:
    wanted = {
        "project": "complaints",
        "kind": "prompt",
        "slug": "x",
        "created_by": "me",
        "status": "approved",
    }
    refused = problem_of(author.post("assets/", wanted), 400)
    assert {error["field"] for error in refused["errors"]} == {"created_by", "status"}
    refused = problem_of(author.get("assets/", order="created_by__password", project__name="x"), 400)
    assert {error["field"] for error in refused["errors"]} == {"order", "project__name"}
    problem_of(author.get("me/", fields="email"), 400)


def test_a_parameter_given_twice_is_refused(author: Caller) -> None:
    problem_of(author.get("/api/v1/assets/?kind=prompt&kind=model"), 400)


def test_a_mistake_of_ours_is_logged_and_says_nothing_of_its_cause(
    fresh_database: FreshDatabase, northwind: Company, caplog: pytest.LogCaptureFixture
) -> None:
    caller = by_token(northwind.auditor, northwind)
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE accounts_organisation RENAME COLUMN name TO lost")
    caller.client.raise_request_exception = False
    with caplog.at_level(logging.ERROR):
        answer = caller.get("me/", headers={"X-Request-ID": "the-request-1"})
    assert problem_of(answer, 500)["instance"] == "urn:countersign:request:the-request-1"
    assert b"accounts_organisation" not in answer.content
    assert "accounts_organisation" in caplog.text


def test_a_database_that_does_not_answer_is_not_the_callers_fault(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    caller = by_token(northwind.auditor, northwind)
    with fresh_database.connect("owner") as owner, owner.transaction(), connection.cursor() as cursor:
        owner.execute("LOCK TABLE accounts_organisation IN ACCESS EXCLUSIVE MODE")
        cursor.execute("SET statement_timeout = '200ms'")
        answer = caller.get("me/")
        cursor.execute("RESET statement_timeout")
    assert b"statement" not in answer.content
    assert problem_of(answer, 503)["title"] == "Busy"
    assert answer.headers["Retry-After"] == "5"


def test_answers_are_kept_by_nobody_in_between(auditor: Caller) -> None:
    assert auditor.get("me/").headers["Cache-Control"] == "private, no-store"
