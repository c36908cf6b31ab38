"""The engine's SQL, one file per statement."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError

from governance import prepared

FOLDER = Path(__file__).parent / "sql"

DATABASE_ERRORS = (DatabaseError, InterfaceError)
CONNECTION_ERRORS = (OperationalError, InterfaceError)


class Statement(StrEnum):
    """Each statement by the name of its file."""

    CLAIM = "claim"
    BEGIN = "begin"
    CHECKPOINT = "checkpoint"
    HOLDING = "holding"
    PIN_MEMORY = "pin_memory"
    JOINED = "joined"
    RECORDED = "recorded"
    BEAT = "beat"
    ARRIVE = "arrive"
    DEPART = "depart"
    SET_ASIDE = "set_aside"
    PASSED = "passed"
    LOOK = "look"
    WAKE = "wake"
    OVERDUE = "overdue"
    RECOVER = "recover"
    GIVE_UP = "give_up"
    ASK = "ask"
    CLOSE = "close"
    RELIEVE = "relieve"


# Read when the process starts, so that it goes on with its own when the files are exchanged under it.
TEXTS = {statement: (FOLDER / f"{statement}.sql").read_bytes() for statement in Statement}


def rows(statement: Statement, values: Mapping[str, Any]) -> list[Any]:
    """Execute the statement on this thread's connection and return its rows, named by their columns.

    Outside a transaction it is one of its own. Raises `DATABASE_ERRORS`.
    """
    return prepared.rows(TEXTS[statement], values)


def rows_together(asked: Mapping[Statement, Mapping[str, Any]]) -> list[list[Any]]:
    """The rows of each of several statements, which go to the database in this order, as one transaction.

    Raises `DATABASE_ERRORS`; then nothing is done.
    """
    return prepared.rows_together(*((TEXTS[statement], values) for statement, values in asked.items()))
