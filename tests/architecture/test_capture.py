"""Every table governs and is told row by row, or stands in the list of those that do not, with a reason."""

import pytest
from django.apps import apps
from django.db import connections

from portal.database.capture import EXEMPT, GOVERNED

TABLES = {
    model._meta.db_table: model
    for model in apps.get_models(include_auto_created=True)
    if model._meta.managed and not model._meta.proxy
}
TRIGGERS = """
    SELECT c.relname, t.tgenabled::text, t.tgdeferrable, t.tginitdeferred, t.tgtype::integer, p.proname,
           coalesce((SELECT array_agg(a.attname::text) FROM pg_attribute a
                     WHERE a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr)), '{}'),
           encode(t.tgargs, 'escape')
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE t.tgname = 'capture' AND NOT t.tgisinternal
"""
EACH_ROW, INSERT, DELETE, UPDATE = 1, 4, 8, 16


def test_every_table_governs_or_has_a_reason_not_to() -> None:
    assert not GOVERNED.keys() & EXEMPT.keys()
    assert {*GOVERNED, *EXEMPT} == {*TABLES}


@pytest.mark.parametrize("table", sorted(EXEMPT))
def test_a_reason_is_a_sentence(table: str) -> None:
    assert len(EXEMPT[table]) > 30
    assert EXEMPT[table].endswith(".")


@pytest.mark.django_db
def test_the_triggers_in_the_database_are_those_of_the_list() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(TRIGGERS)
        found = {row[0]: row[1:] for row in cursor.fetchall()}

    assert {*found} == {*GOVERNED}
    for table, (enabled, deferrable, deferred, when, function, columns, arguments) in found.items():
        assert (enabled, deferrable, deferred, function) == ("A", True, True, "ledger_capture"), table
        assert when == EACH_ROW | INSERT | DELETE | UPDATE, table
        aside = set(GOVERNED[table])
        every = {field.column for field in TABLES[table]._meta.concrete_fields}
        assert set(columns) == (every - aside if aside else set()), table
        _, leads, secret, untold, _ = arguments.split("\\000")
        assert leads in every, table
        assert set(secret.split()) <= every, table
        assert set(untold.split()) == aside, table


@pytest.mark.django_db
def test_what_is_secret_is_never_digested() -> None:
    """A column whose name says so, wherever it stands in a table that governs."""
    with connections["default"].cursor() as cursor:
        cursor.execute(TRIGGERS)
        secret = {row[0]: set(row[7].split("\\000")[2].split()) for row in cursor.fetchall()}
    assert {column for columns in secret.values() for column in columns} == {
        "password", "sealed", "secret_sha256",
    }  # fmt: skip
    for table in GOVERNED:
        columns = {str(field.column) for field in TABLES[table]._meta.concrete_fields}
        words = ("password", "secret", "sealed")
        named = {column for column in columns if column.startswith(words)}
        assert named <= secret[table], table
