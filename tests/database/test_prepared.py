"""Statements that go straight to libpq: their values, their transactions, and what they raise."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import DataError, IntegrityError, OperationalError, ProgrammingError, connection, transaction
from psycopg.types.json import Jsonb

from governance import prepared
from governance.prepared import rows, rows_together
from runs.records.models import Run
from tests.counting import transaction_number
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


def test_what_cannot_be_prepared_is_refused_each_time_and_hinders_nothing_else(
    fresh_database: FreshDatabase,
) -> None:
    unknown, known = b"SELECT nothing FROM nowhere", b"SELECT 1 AS n"

    for _ in range(2):
        with pytest.raises(ProgrammingError, match="nowhere"):
            rows(unknown, {})
        with pytest.raises(ProgrammingError, match="nowhere"):
            rows_together((known, {}), (unknown, {}), (known, {}))

    assert [found[0].n for found in rows_together((known, {}), (known, {}))] == [1, 1]


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


def test_several_statements_are_one_transaction_and_see_what_came_before(
    fresh_database: FreshDatabase,
) -> None:
    kept = (
        b"INSERT INTO portal_cache (cache_key, value, expires) VALUES (%(key)s, '', now())"
        b" RETURNING cache_key"
    )
    here = b"SELECT count(*) AS n, txid_current() AS number FROM portal_cache"

    before, wrote, after = rows_together((here, {}), (kept, {"key": "a" * 200}), (here, {}))

    assert (before[0].n, wrote[0].cache_key, after[0].n) == (0, "a" * 200, 1)
    assert before[0].number == after[0].number
    assert rows(here, {})[0].number > after[0].number


def test_of_several_statements_all_are_done_or_none(fresh_database: FreshDatabase) -> None:
    kept = b"INSERT INTO portal_cache (cache_key, value, expires) VALUES (%(key)s, '', now())"
    fails = b"SELECT 1 / %(by)s::integer AS n"

    with pytest.raises(DataError, match="division by zero"):
        rows_together((kept, {"key": "a"}), (fails, {"by": 0}), (kept, {"key": "b"}))

    assert rows(b"SELECT count(*) AS n FROM portal_cache", {})[0].n == 0
    rows_together((kept, {"key": "a"}), (fails, {"by": 1}))
    assert rows(b"SELECT count(*) AS n FROM portal_cache", {})[0].n == 1


def test_what_is_larger_than_a_socket_holds_goes_through_together_too(fresh_database: FreshDatabase) -> None:
    body = bytes(range(256)) * 20_000
    echo = b"SELECT %(body)s::bytea AS body"

    found = rows_together((echo, {"body": body}), (echo, {"body": body}))

    assert [row.body for [row] in found] == [body, body]


def test_several_statements_on_a_broken_connection_are_an_operational_error(
    fresh_database: FreshDatabase,
) -> None:
    one = b"SELECT 1 AS n"
    here = rows(b"SELECT pg_backend_pid() AS pid", {})[0].pid
    rows(one, {})
    with fresh_database.connect() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [here])

    with pytest.raises(OperationalError):
        rows_together((one, {}), (one, {}))
    connection.close()

    assert [found[0].n for found in rows_together((one, {}), (one, {}))] == [1, 1]


def test_plans_are_forgotten_within_the_transaction_of_what_is_asked_next(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = transaction_number()
    monkeypatch.setattr(prepared, "PLANS_KEPT_SECONDS", -1.0)

    with (tmp_path / "sent").open("wb") as sent:
        connection.connection.pgconn.trace(sent.fileno())
        numbers = [transaction_number(), transaction_number()]
        connection.connection.pgconn.untrace()
    monkeypatch.setattr(prepared, "PLANS_KEPT_SECONDS", 1000.0)

    assert [*numbers, transaction_number()] == [first + 1, first + 2, first + 3]
    assert (tmp_path / "sent").read_text().count('CommandComplete\t "DISCARD PLANS"') == 2


def test_a_connection_that_broke_before_plans_are_forgotten_is_an_operational_error(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = rows(b"SELECT pg_backend_pid() AS pid", {})[0].pid
    with fresh_database.connect() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [here])
    monkeypatch.setattr(prepared, "PLANS_KEPT_SECONDS", -1.0)

    with pytest.raises(OperationalError):
        rows(b"SELECT 1 AS n", {})
    connection.close()

    assert rows(b"SELECT 1 AS n", {})[0].n == 1
