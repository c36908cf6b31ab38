"""How long one search may take: all of its statements and all of its comparisons together."""

from collections.abc import Iterable
from time import monotonic
from typing import TypeVar

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from governance.errors import DomainError

Row = TypeVar("Row")


class TooGeneral(DomainError):
    """What was asked for stands in so many texts that comparing them takes too long."""

    def __init__(self) -> None:
        super().__init__("These words stand in too many texts. Ask for a longer piece.")


class Patience:
    """A moment after which nothing more is read or compared."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds

    def left(self) -> float:
        """The seconds that are left. Raises `TooGeneral` when there are none."""
        seconds = self._end - monotonic()
        if seconds <= 0:
            raise TooGeneral
        return seconds

    def read(self, rows: Iterable[Row]) -> list[Row]:
        """All of the rows. Raises `TooGeneral` when the database takes longer than what is left."""
        milliseconds = max(1, int(self.left() * 1000))
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{milliseconds}ms"])
                found = list(rows)
                cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
        except OperationalError as problem:
            if isinstance(problem.__cause__, QueryCanceled):
                raise TooGeneral from problem
            raise
        return found
