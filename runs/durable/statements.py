"""The engine's SQL, one file per statement, bound by the server and prepared once per connection.

Django's own cursor would write every value into the text and have PostgreSQL plan it anew each time.
"""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from psycopg import Connection, Cursor, Error
from psycopg import InterfaceError as RawInterfaceError
from psycopg import OperationalError as RawOperationalError
from psycopg.rows import namedtuple_row

FOLDER = Path(__file__).parent / "sql"

# Executing raises psycopg's errors; connecting, and every query of Django's own, raises Django's.
DATABASE_ERRORS = (DatabaseError, InterfaceError, Error)
CONNECTION_ERRORS = (OperationalError, InterfaceError, RawOperationalError, RawInterfaceError)


class Statement(StrEnum):
    """Each statement by the name of its file."""

    CLAIM = "claim"
    BEGIN = "begin"
    CHECKPOINT = "checkpoint"
    HOLDING = "holding"
    JOINED = "joined"
    RECORDED = "recorded"
    EXTEND = "extend"
    LOOK = "look"
    WAKE = "wake"
    OVERDUE = "overdue"
    RECOVER = "recover"
    GIVE_UP = "give_up"


# Read when the process starts, so that it goes on with its own when the files are exchanged under it.
TEXTS = {statement: (FOLDER / f"{statement}.sql").read_bytes() for statement in Statement}


def rows(statement: Statement, values: Mapping[str, Any]) -> list[Any]:
    """Execute the statement on this thread's connection and return its rows, named by their columns.

    Outside a transaction it is one of its own. Raises `DATABASE_ERRORS`, psycopg's or Django's.
    """
    if not connection.in_atomic_block:
        connection.close_if_health_check_failed()
    connection.ensure_connection()
    raw: Connection[Any] = connection.connection
    if raw.prepare_threshold is None:
        raw.prepare_threshold = 2
    try:
        with Cursor(raw, row_factory=namedtuple_row) as cursor:
            cursor.execute(TEXTS[statement], values)
            return cursor.fetchall()
    except Error:
        connection.errors_occurred = True  # Django looks whether the connection is usable before its next use
        raise
