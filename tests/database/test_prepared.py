"""Statements that go straight to libpq: their values, their transactions, and what they raise."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from psycopg.types.json import Jsonb

from governance.prepared import rows
from runs.records.models import Run
from tests.harness.fresh import FreshDatabase

PREPARED = b"SELECT count(*) AS n FROM pg_prepared_statements WHERE statement LIKE '%%+ 1 AS more'"


def test_values_come_back_as_they_were_given(fresh_database: FreshDatabase) -> None:
    moment = datetime(2026, 11, 22, 16, 30, 1, 250_000, tzinfo=UTC)
    given = {
        "text": "Grüße, 'quoted' \\ and {braced}",
        "bytes": b"\x00\xff'\\",
        "whole": 2**40,
        "exact": Decimal("0.000000001"),
        "id": UUID("01900000-0000-7000-8000-000000000001"),
        "moment": moment,
        "yes": True,
        "nothing": None,
        "texts": ["a,b", 'c"d', "e\\f", None, ""],
        "ids": [UUID(int=7), UUID(int=8)],
        "bodies": [b"\x00", b"", b"\\x"],
        "json": Jsonb({"a": [1, None]}),
    }

    [row] = rows(
        b"SELECT %(text)s::text AS text, %(bytes)s::bytea AS bytes, %(whole)s::bigint AS whole,"
        b" %(exact)s::numeric AS exact, %(id)s::uuid AS id, %(moment)s::timestamptz AS moment,"
        b" %(yes)s::boolean AS yes, %(nothing)s::integer AS nothing, %(texts)s::text[] AS texts,"
        b" %(ids)s::uuid[] AS ids, %(bodies)s::bytea[] AS bodies, %(json)s::jsonb ->> 'a' AS json",
        given,
    )

    assert row._asdict() == {**given, "json": "[1, null]"}


def test_a_statement_is_prepared_once_whatever_its_values(fresh_database: FreshDatabase) -> None:
    asked = b"SELECT %(a)s::bigint + 1 AS more"

    found = [rows(asked, {"a": value})[0].more for value in (1, 70_000, 2**40, None)]

    assert found == [2, 70_001, 2**40 + 1, None]
    assert rows(PREPARED, {})[0].n == 1


def test_a_per_cent_sign_is_doubled_and_no_row_is_an_empty_list(fresh_database: FreshDatabase) -> None:
    asked = b"SELECT 7 %% 4 AS rest WHERE %(yes)s"

    assert rows(asked, {"yes": True})[0].rest == 3
    assert rows(asked, {"yes": False}) == []


def test_what_postgresql_refuses_is_raised_as_django_does(fresh_database: FreshDatabase) -> None:
    with pytest.raises(DataError, match="division by zero"):
        rows(b"SELECT 1 / %(by)s::integer AS n", {"by": 0})
    with pytest.raises(IntegrityError, match="runs_begun"):
        rows(b"INSERT INTO runs_begun (id, run_id, position, attempt, worker, at)"
             b" VALUES (%(id)s, %(id)s, 0, 1, NULL, now())", {"id": uuid4()})  # fmt: skip

    assert rows(b"SELECT 1 AS n", {})[0].n == 1


def test_within_a_transaction_it_is_part_of_it(fresh_database: FreshDatabase) -> None:
    kept = b"INSERT INTO portal_cache (cache_key, value, expires) VALUES (%(key)s, '', now())"
    held = b"SELECT cache_key FROM portal_cache ORDER BY cache_key"

    def undone() -> None:
        rows(kept, {"key": "first"})
        raise ConnectionError("what came next")

    with pytest.raises(ConnectionError), transaction.atomic():
        undone()
    with transaction.atomic():
        rows(kept, {"key": "second"})
        Run.objects.count()
    rows(kept, {"key": "third"})

    assert [row.cache_key for row in rows(held, {})] == ["second", "third"]


def test_a_connection_that_breaks_is_an_operational_error_and_the_next_one_works(
    fresh_database: FreshDatabase,
) -> None:
    here = rows(b"SELECT pg_backend_pid() AS pid", {})[0].pid
    with fresh_database.connect() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [here])

    with pytest.raises(OperationalError):
        rows(b"SELECT 1 AS n", {})
    with pytest.raises(OperationalError):
        rows(b"SELECT 1 AS n", {})
    connection.close()

    assert rows(b"SELECT 1 AS n", {})[0].n == 1
