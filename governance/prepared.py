"""Statements that are asked so often that they are bound by the server and prepared once per connection.

Django's own cursor would write every value into the text and have PostgreSQL plan it anew each time, and
psycopg would look for the names of the values in the text each time.
"""

import re
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection
from psycopg import Connection, RawCursor
from psycopg.rows import namedtuple_row

# psycopg prepares what a connection executes for the third time.
SEEN_BEFORE = 2
PLANS_KEPT_SECONDS = 10.0
_planned: WeakKeyDictionary[Connection[Any], float] = WeakKeyDictionary()
NAMED = re.compile(rb"%\(([a-z_]+)\)s")


def rows(statement: bytes, values: Mapping[str, Any]) -> list[Any]:
    """Execute the statement on this thread's connection; its rows, named by their columns.

    Values stand in it as `%(name)s`, per cent signs doubled. Outside a transaction it is one of its own.
    Raises Django's database errors.
    """
    if not connection.in_atomic_block:
        connection.close_if_health_check_failed()
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    raw: Connection[Any] = connection.connection
    _keep_plans(raw)
    text, names = _numbered(statement)
    with connection.wrap_database_errors, RawCursor(raw, row_factory=namedtuple_row) as cursor:
        cursor.execute(text, [values[name] for name in names])
        return cursor.fetchall()


def _keep_plans(raw: Connection[Any]) -> None:
    """Have the connection prepare what it executes, and forget its plans from time to time.

    A plan that was made while a table was small may read the whole of it when it has grown.
    """
    now = time.monotonic()
    if raw.prepare_threshold is None:
        raw.prepare_threshold = SEEN_BEFORE
    elif now - _planned.get(raw, 0.0) < PLANS_KEPT_SECONDS:
        return
    else:
        raw.execute("DISCARD PLANS")
    _planned[raw] = now


@lru_cache(maxsize=256)
def _numbered(statement: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The statement with numbers for its values, as the server has them, and their names in that order."""
    names = tuple(dict.fromkeys(name.decode() for name in NAMED.findall(statement)))
    places = {name.encode(): b"$%d" % place for place, name in enumerate(names, start=1)}
    return NAMED.sub(lambda found: places[found[1]], statement).replace(b"%%", b"%"), names
