"""GET /ledger/?since=…&until=…"""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories.cast import Company
from tests.visiting import Browsing

TODAY = timezone.now().date()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


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
    days: dict[str, str], found: bool, northwind: Company, browsing: Browsing
) -> None:
    client = browsing(northwind.auditor)
    with CaptureQueriesContext(connection) as asked:
        rows = client.get(reverse("governance:ledger"), days).context["rows"]

    assert bool(rows) is found
    (listed,) = [query["sql"] for query in asked if '"ledger_event"."at" ' in query["sql"]]
    assert '"ledger_event"."id" ' in listed.partition("WHERE")[2].partition("ORDER BY")[0]
    assert "AT TIME ZONE" not in listed
