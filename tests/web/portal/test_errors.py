"""What a page answers when the database is slow, or more is sent than it takes."""

from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError, connection
from django.urls import reverse

from tests.api.callers import PROBLEM, by_session, problem_of
from tests.factories.cast import Company
from tests.factories.things import make_prompt
from tests.visiting import Browsing, visitor


def test_a_page_that_asks_the_database_for_too_much_says_so(
    northwind: Company, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def page_of(*_: Any, **__: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(2)")

    monkeypatch.setattr("governance.web.assets.page_of", page_of)

    answer = browsing(northwind.auditor).get(reverse("governance:prompts"))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "The database did not answer in time" in answer.content.decode()


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """From now on nothing can learn who asks: whatever there is fails before any view is reached."""

    def begin(failure: Exception) -> None:
        monkeypatch.setattr(SessionStore, "load", Mock(side_effect=failure))

    return begin


def test_a_database_that_is_away_is_no_mistake_of_ours(
    northwind: Company, browsing: Browsing, failing: Callable[[Exception], None]
) -> None:
    client = browsing(northwind.auditor)
    failing(OperationalError("connection refused"))

    answer = client.get("/")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "The database did not answer in time" in answer.content.decode()


def test_a_program_with_a_session_learns_the_same(
    northwind: Company, failing: Callable[[Exception], None]
) -> None:
    caller = by_session(northwind.auditor)
    failing(OperationalError("connection refused"))

    answer = caller.get("me/")

    assert problem_of(answer, 503)["title"] == "Busy"
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.parametrize(("place", "form"), [("/", "text/html"), ("/api/v1/me/", PROBLEM)])
def test_another_failure_on_the_way_is_ours(
    place: str, form: str, northwind: Company, browsing: Browsing, failing: Callable[[Exception], None]
) -> None:
    client = browsing(northwind.auditor)
    failing(RuntimeError("a mistake"))

    answer = client.get(place)

    assert answer.status_code == 500
    assert answer.headers["Content-Type"].startswith(form)


def test_a_prompt_of_nearly_a_million_characters_is_written(northwind: Company, browsing: Browsing) -> None:
    asset = make_prompt(northwind).asset
    given: dict[str, Any] = {"messages-TOTAL_FORMS": 5, "messages-INITIAL_FORMS": 0}
    for number in range(5):
        given |= {f"messages-{number}-role": "user", f"messages-{number}-content": f"{number}" * 180_000}
    given |= {"variables-TOTAL_FORMS": 0, "variables-INITIAL_FORMS": 0, "message": "long", "step": "create"}

    answer = browsing(northwind.author).post(reverse("governance:version-new", args=[asset.pk]), given)

    assert answer.status_code == 302
    assert len(asset.versions.get(number=2).document["messages"]) == 5


def test_too_many_fields_are_said_to_be_that(db: None) -> None:
    given = {f"field-{number}": "x" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}

    answer = visitor().post(reverse("account_login"), given)

    assert answer.status_code == 400
    assert "A form may send 200 fields" in answer.content.decode()
