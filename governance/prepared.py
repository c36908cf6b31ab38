"""Statements that are asked so often that they are bound by the server and prepared once per connection.

Django's own cursor would write every value into the text and have PostgreSQL plan it anew each time.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from psycopg import Connection, Cursor
from psycopg.rows import namedtuple_row

# psycopg prepares what a connection executes for the third time.
SEEN_BEFORE = 2


def rows(statement: bytes, values: Mapping[str, Any]) -> list[Any]:
    """Execute the statement on this thread's connection; its rows, named by their columns.

    Outside a transaction it is one of its own. Raises Django's database errors. Keep the text below 4,096
    bytes: psycopg reads longer ones anew each time.
    """
    if not connection.in_atomic_block:
        connection.close_if_health_check_failed()
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    raw: Connection[Any] = connection.connection
    if raw.prepare_threshold is None:
        raw.prepare_threshold = SEEN_BEFORE
    with connection.wrap_database_errors, Cursor(raw, row_factory=namedtuple_row) as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
