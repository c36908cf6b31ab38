"""What a page answers when the database is slow, or more is sent than it takes."""

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

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
