"""Rows written past the services, as whoever holds the application's password could."""

from typing import Any
from uuid import uuid4

from psycopg import sql

from tests.harness.fresh import FreshDatabase


def insert(fresh: FreshDatabase, table: str, **columns: Any) -> None:
    """Write the row over a connection of the application's role, naming somebody."""
    with fresh.connect() as application, application.transaction():
        application.execute("SELECT ledger_act(id) FROM accounts_user WHERE email = 'set-up@system.invalid'")
        application.execute(*insertion(table, columns))


def insertion(table: str, columns: dict[str, Any]) -> tuple[sql.Composed, dict[str, Any]]:
    """The statement that writes the row, and its values."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    places = sql.SQL(", ").join(map(sql.Placeholder, columns))
    words = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), names, places)
    return words, columns


def stored(row: Any) -> dict[str, Any]:
    """The row's columns, under a new identifier."""
    found = {field.column: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {**found, "id": uuid4()}
