"""GET /ledger/?since=…&until=…"""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.ledger.models import Event
from tests.factories.cast import Company
from tests.factories.things import make_prompt
from tests.visiting import Browsing

YESTERDAY, TODAY, TOMORROW = -1, 0, 1


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ({"since": TODAY}, True),
        ({"until": TODAY}, True),
        ({"since": YESTERDAY, "until": TOMORROW}, True),
        ({"since": "0001-01-01", "until": "9999-12-31"}, True),
        ({"since": TOMORROW}, False),
        ({"until": YESTERDAY}, False),
        ({"until": "0001-01-01"}, False),
    ],
)
def test_days_are_whole_and_found_by_the_identifier_that_the_list_is_read_by(
    days: dict[str, str | int], found: bool, northwind: Company, browsing: Browsing
) -> None:
    event = Event.objects.get(object_id=make_prompt(northwind).pk)
    given = {
        name: f"{event.at.date() + timedelta(days=day)}" if isinstance(day, int) else day
        for name, day in days.items()
    }
    client = browsing(northwind.auditor)
    with CaptureQueriesContext(connection) as asked:
        rows = client.get(reverse("governance:ledger"), given).context["rows"]

    assert (event in [row.event for row in rows]) is found
    (listed,) = [query["sql"] for query in asked if '"ledger_event"."at" ' in query["sql"]]
    assert '"ledger_event"."id" ' in listed.partition("WHERE")[2].partition("ORDER BY")[0]
    assert "AT TIME ZONE" not in listed
