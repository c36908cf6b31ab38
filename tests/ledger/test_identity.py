"""Identifiers that sort by time."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection

from governance.ledger.identity import first_uuid7, last_uuid7


@pytest.mark.parametrize("micro", [0, 499, 500, 999_499, 999_999])
def test_what_the_database_identifies_lies_between_the_bounds_of_its_moment(db: None, micro: int) -> None:
    moment = datetime(2026, 11, 22, 23, 59, 59, micro, tzinfo=UTC)

    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_uuid7(%s) FROM generate_series(1, 50)", [moment])
        made = [UUID(str(row[0])) for row in cursor.fetchall()]

    assert all(first_uuid7(moment) <= found <= last_uuid7(moment) for found in made)
    assert last_uuid7(moment) < first_uuid7(moment + timedelta(milliseconds=3))


def test_every_day_of_the_calendar_has_bounds() -> None:
    for day in (date.min, date.max):
        ends = datetime.combine(day, datetime.max.time(), UTC)
        assert first_uuid7(ends) < last_uuid7(ends)
