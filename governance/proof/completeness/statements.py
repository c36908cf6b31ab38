"""The statements that compare numbers, put together of what is asked and of the part that is looked at."""

from pathlib import Path
from typing import Final, NamedTuple

SQL: Final = Path(__file__).parent / "sql"
# A record ends with what is looked for, whatever its details say. It is read as escaped bytes: one that
# somebody altered may be no text any more.
NUMBER: Final = """split_part(split_part(tail.words, '"number":', -1), ',', 1)"""
NAMED: Final = {
    "numbered": f"""left(split_part(tail.words, '"source":"', -1), -2) AS source,
        CASE WHEN {NUMBER} ~ '^[0-9]{{1,15}}$' THEN {NUMBER}::bigint END AS number""",
    "ending": """CROSS JOIN LATERAL (
        SELECT encode(substr(e.record, greatest(octet_length(e.record) - 499, 1)), 'escape') AS words
        OFFSET 0) AS tail""",
}


class Part(NamedTuple):
    """A part of the ledger: how sessions are counted there, and how some of their events are found."""

    counted: str
    found: str


def read(name: str) -> str:
    """The statement in the file of this name."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def _part(told: str) -> Part:
    return Part(*(read(name).format(told=told, **NAMED) for name in ("numbers", "numbered")))


OF_TRANSACTIONS: Final = _part("(SELECT * FROM ledger_event WHERE xid > %(after)s AND xid <= %(until)s) AS e")
AT_POSITIONS: Final = _part(
    """unnest(%(parts)s::uuid[], %(firsts)s::bigint[], %(ends)s::bigint[]) AS part (log, first, until)
    JOIN ledger_entry p ON p.log = part.log AND p.position >= part.first AND p.position < part.until
    JOIN ledger_event e ON e.id = p.event"""
)
EARLIER: Final = _part("(SELECT * FROM ledger_event WHERE id < %(before)s AND id >= %(from)s) AS e").found
# Where a part ends: no transaction is divided, since its events are in no order but that of their numbers.
END_OF_PART: Final = """
    SELECT xid FROM ledger_event WHERE xid > %s AND xid <= %s ORDER BY xid OFFSET %s LIMIT 1
"""
START_OF_PART: Final = "SELECT id FROM ledger_event WHERE id < %s ORDER BY id DESC OFFSET %s LIMIT 1"
