"""Statements that are asked so often that they are bound by the server and prepared once per connection.

Django's own cursor would write every value into the text and have PostgreSQL plan it anew each time, and
psycopg's would spend more of our processor on each than PostgreSQL does of its own. So these go straight to
libpq: values as text, of the types that the statement itself implies; rows as psycopg reads them.
"""

import re
import threading
import time
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import Connection, OperationalError
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

PLANS_KEPT_SECONDS: Final = 10.0
GOOD: Final = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
NAMED: Final = re.compile(rb"%\(([a-z_]+)\)s")


def rows(statement: bytes, values: Mapping[str, Any]) -> list[Any]:
    """Execute the statement on this thread's connection; its rows, named by their columns.

    Values stand in it as `%(name)s`, per cent signs doubled. Outside a transaction it is one of its own.
    Raises Django's database errors.
    """
    here = connections[DEFAULT_DB_ALIAS]
    if not here.in_atomic_block:
        here.close_if_health_check_failed()
    if here.connection is None:
        here.ensure_connection()
    here.validate_no_broken_transaction()
    with here.wrap_database_errors:
        return _line(here.connection).rows(statement, values)


class Line:
    """A connection with what was prepared on it."""

    def __init__(self, raw: Connection[Any]) -> None:
        self.raw = raw
        self._adapts = Transformer(raw)
        self._names: dict[bytes, bytes] = {}
        self._makes: dict[bytes, Callable[[Sequence[Any]], Any]] = {}
        self._planned = time.monotonic()

    def rows(self, statement: bytes, values: Mapping[str, Any]) -> list[Any]:
        """Execute it, prepared the first time. Raises psycopg's errors."""
        self._begin()
        text, names = _numbered(statement)
        known = self._names.get(statement) or self._prepare(statement, text)
        bound = [_array(value) if type(value := values[name]) is list else value for name in names]
        given: Any = self._adapts.dump_sequence(bound, _as_text(len(names)))
        return self._read(statement, self._good(self.raw.pgconn.exec_prepared(known, given)))

    def _begin(self) -> None:
        """Forget plans from time to time: one made while a table was small may read the whole of it later."""
        now = time.monotonic()
        if now - self._planned > PLANS_KEPT_SECONDS:
            self.raw.execute("DISCARD PLANS")
            self._planned = now
        # psycopg begins a transaction with the first thing that is executed in it, so something is.
        if not self.raw.autocommit and self.raw.pgconn.transaction_status == TransactionStatus.IDLE:
            self.raw.execute(b"")

    def _prepare(self, statement: bytes, text: bytes) -> bytes:
        name = b"countersign_%d" % len(self._names)
        self._good(self.raw.pgconn.prepare(name, text))
        self._names[statement] = name
        return name

    def _good(self, result: PGresult) -> PGresult:
        """The result, unless it is a failure."""
        if result.status in GOOD:
            return result
        if self.raw.pgconn.status == ConnStatus.BAD:
            raise OperationalError(result.get_error_message())
        raise error_from_result(result)

    def _read(self, statement: bytes, result: PGresult) -> list[Any]:
        self._adapts.set_pgresult(result)
        try:
            return self._adapts.load_rows(0, result.ntuples, self._maker(statement, result))
        finally:
            self._adapts.set_pgresult(None)

    def _maker(self, statement: bytes, result: PGresult) -> Callable[[Sequence[Any]], Any]:
        known = self._makes.get(statement)
        if known is None:
            columns = [(result.fname(place) or b"").decode() for place in range(result.nfields)]
            row: Any = namedtuple("Row", columns, rename=True)  # type: ignore[misc] # named when it is asked
            known = self._makes[statement] = row._make
        return known


_lines = threading.local()


def _line(raw: Connection[Any]) -> Line:
    """What this thread has prepared on its connection."""
    known: Line | None = getattr(_lines, "last", None)
    if known is None or known.raw is not raw:
        known = _lines.last = Line(raw)
    return known


def _array(values: list[Any]) -> str:
    """Texts, bytes, numbers or identifiers as PostgreSQL reads it: a tenth of psycopg's time."""
    return "{" + ",".join([_element(value) for value in values]) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f'"\\\\x{value.hex()}"'
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


@lru_cache(maxsize=64)
def _as_text(number: int) -> Sequence[PyFormat]:
    return [PyFormat.TEXT] * number


@lru_cache(maxsize=256)
def _numbered(statement: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The statement with numbers for its values, as the server has them, and their names in that order."""
    names = tuple(dict.fromkeys(name.decode() for name in NAMED.findall(statement)))
    places = {name.encode(): b"$%d" % place for place, name in enumerate(names, start=1)}
    return NAMED.sub(lambda found: places[found[1]], statement).replace(b"%%", b"%"), names
