"""Rows as a table for a spreadsheet, which must not execute what people wrote."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

# With what a spreadsheet takes a cell for a formula (OWASP, CSV injection).
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def as_csv(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """The rows under their columns' names. A cell that would be a formula begins with an apostrophe."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(columns)
    table.writerows([_inert(cell) for cell in row] for row in rows)
    return written.getvalue()


def _inert(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text
