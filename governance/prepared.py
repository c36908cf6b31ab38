"""Statements that are asked so often that they are bound by the server and prepared once per connection.

Django's own cursor would write every value into the text and have PostgreSQL plan it anew each time, and
psycopg's would spend more of our processor on each than PostgreSQL does of its own. So these go straight to
libpq: values as text, of the types that the statement itself implies; rows as psycopg reads them.
"""

import re
import select
import threading
import time
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import Any, Final

from django import db
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from psycopg import Connection, OperationalError
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import QueryCanceled, error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

PLANS_KEPT_SECONDS: Final = 10.0
FORGET: Final = b"DISCARD PLANS"
GOOD: Final = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
Asked = tuple[bytes, Mapping[str, Any]]
NAMED: Final = re.compile(rb"%\(([a-z_]+)\)s")


def rows(statement: bytes, values: Mapping[str, Any]) -> list[Any]:
    """Execute the statement on this thread's connection; its rows, named by their columns.

    Values stand in it as `%(name)s`, per cent signs doubled. Outside a transaction it is one of its own.
    Raises Django's database errors.
    """
    with _open() as raw:
        return _line(raw).rows(statement, values)


def rows_together(*asked: Asked) -> list[list[Any]]:
    """The same for several statements in one round trip and, outside a transaction, in one of their own.

    Each sees what those before it did. Nothing is done when one of them fails.
    """
    with _open() as raw:
        return _line(raw).rows_together(asked)


class TooSlow(Exception):
    """A statement was given so much time, and took longer."""


def rows_within(seconds: float, statement: bytes, values: Mapping[str, Any]) -> list[Any]:
    """Its rows, if they come in time; the limit is gone again whatever happens. Raises `TooSlow`."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            before = cursor.fetchone()[0]
            limit = str(max(int(seconds * 1000), 1))
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [limit])
            found = rows(statement, values)
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
    except db.OperationalError as problem:
        if isinstance(problem.__cause__, QueryCanceled):
            raise TooSlow from problem
        raise
    return found


@contextmanager
def _open() -> Iterator[Connection[Any]]:
    """This thread's connection, which works as far as is known; its errors are raised as Django's."""
    here = connections[DEFAULT_DB_ALIAS]
    if not here.in_atomic_block:
        here.close_if_health_check_failed()
    if here.connection is None:
        here.ensure_connection()
    here.validate_no_broken_transaction()
    with here.wrap_database_errors:
        yield here.connection


class Line:
    """A connection with what was prepared on it."""

    def __init__(self, raw: Connection[Any]) -> None:
        self.raw = raw
        self._adapts = Transformer(raw)
        self._names: dict[bytes, bytes] = {}
        self._numbers = count()
        self._makes: dict[bytes, Callable[[Sequence[Any]], Any]] = {}
        self._planned = time.monotonic()

    def rows(self, statement: bytes, values: Mapping[str, Any]) -> list[Any]:
        """Execute it, prepared the first time. Raises psycopg's errors."""
        name = self._names.get(statement)
        if name is None or self._stale():
            return self.rows_together([(statement, values)])[0]
        self._begin()
        result = self.raw.pgconn.exec_prepared(name, self._bound(statement, values))
        return self._read(statement, self._good(result))

    def rows_together(self, asked: Sequence[Asked]) -> list[list[Any]]:
        """Execute them up to one common end; what is to be prepared for them goes along. Raises as `rows`."""
        self._begin()
        ready = [(statement, self._bound(statement, values)) for statement, values in asked]
        unknown = dict.fromkeys(statement for statement, _ in asked if statement not in self._names)
        fresh = {statement: b"countersign_%d" % next(self._numbers) for statement in unknown}
        results = self._forgetting(ready, fresh) if self._stale() else self._answers(ready, fresh)
        for (statement, name), result in zip(fresh.items(), results, strict=False):
            self._good(result)
            self._names[statement] = name
        found = results[len(fresh) :]
        return [self._read(one, self._good(result)) for (one, _), result in zip(ready, found, strict=True)]

    def _forgetting(self, ready: Sequence[tuple[bytes, Any]], fresh: Mapping[bytes, bytes]) -> list[PGresult]:
        """The same, all plans forgotten: one made while a table was small may read the whole of it later.

        Goes along with what is asked, so that who asks little asks nothing for this alone.
        """
        forgotten, *results = self._answers(ready, fresh, first=FORGET)
        self._good(forgotten)
        self._planned = time.monotonic()
        return results

    def _stale(self) -> bool:
        return time.monotonic() - self._planned > PLANS_KEPT_SECONDS

    def _answers(
        self, ready: Sequence[tuple[bytes, Any]], fresh: Mapping[bytes, bytes], *, first: bytes | None = None
    ) -> list[PGresult]:
        """What came of each preparation and of each statement, sent all at once."""
        pgconn = self.raw.pgconn
        pgconn.enter_pipeline_mode()
        try:
            if first is not None:
                pgconn.send_query_params(first, None)
            for statement, name in fresh.items():
                pgconn.send_prepare(name, _numbered(statement)[0])
            for statement, given in ready:
                pgconn.send_query_prepared(fresh.get(statement) or self._names[statement], given)
            pgconn.pipeline_sync()
            return list(_answers(pgconn))
        finally:
            if pgconn.status == ConnStatus.OK:
                pgconn.exit_pipeline_mode()

    def _begin(self) -> None:
        """psycopg begins a transaction with the first thing that is executed in it, so something is."""
        if not self.raw.autocommit and self.raw.pgconn.transaction_status == TransactionStatus.IDLE:
            self.raw.execute(b"")

    def _bound(self, statement: bytes, values: Mapping[str, Any]) -> Any:
        """Its values as text, in the order of their numbers."""
        names = _numbered(statement)[1]
        bound = [_array(value) if type(value := values[name]) is list else value for name in names]
        return self._adapts.dump_sequence(bound, _as_text(len(names)))

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


def _answers(pgconn: PGconn) -> Iterator[PGresult]:
    """What each statement of a pipeline came to, up to its end."""
    waiting = select.poll()
    waiting.register(pgconn.socket, select.POLLIN)
    while True:
        unsent = pgconn.flush()
        while unsent or pgconn.is_busy():
            waiting.modify(pgconn.socket, select.POLLIN | (select.POLLOUT if unsent else 0))
            waiting.poll()
            pgconn.consume_input()
            unsent = pgconn.flush()
        result = pgconn.get_result()  # None after each statement's
        if result is not None:
            if result.status == ExecStatus.PIPELINE_SYNC:
                return
            yield result


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
