"""How long each statement took in the server, by its own log: whoever sent it, by whatever library."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

ENTRY = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \S+ \[\d+\] (?:LOG|STATEMENT|DETAIL|ERROR|HINT|WARNING)"
)
TIMED = re.compile(
    r"LOG:\s+duration: (?P<ms>[\d.]+) ms  (?P<phase>parse|bind|execute|statement)[^:]*: (?P<text>.*)", re.S
)
VALUES = re.compile(r"'(?:[^']|'')*'(?:::\w+)?| VALUES .*")
LABEL = 110
SETTINGS = {"log_min_duration_statement": "0", "log_parameter_max_length": "0"}


@dataclass
class Spent:
    """What one statement took: how often it was executed, and milliseconds by phase."""

    times: int = 0
    ms: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """Milliseconds, planning included."""
        return sum(self.ms.values())


@contextmanager
def timed(server: psycopg.Connection, database: str, log: Path) -> Iterator[dict[str, Spent]]:
    """Yield a dictionary that is filled when the block ends. For connections that are made in the block.

    Logging costs time too: what is read here is to compare statements, not to measure throughput by.
    """
    before = log.stat().st_size
    named = sql.Identifier(database)
    for name, value in SETTINGS.items():
        server.execute(
            sql.SQL("ALTER DATABASE {} SET {} = {}").format(named, sql.Identifier(name), sql.Literal(value))
        )
    found: dict[str, Spent] = {}
    try:
        yield found
    finally:
        for name in SETTINGS:
            server.execute(sql.SQL("ALTER DATABASE {} RESET {}").format(named, sql.Identifier(name)))
        with log.open(errors="replace") as words:
            words.seek(before)
            found.update(counted(words.read()))


def counted(words: str) -> dict[str, Spent]:
    """The statements of a piece of PostgreSQL's log, by their first words."""
    found: dict[str, Spent] = {}
    for entry in _entries(words):
        if timing := TIMED.search(entry):
            spent = found.setdefault(_label(timing["text"]), Spent())
            spent.times += timing["phase"] in ("execute", "statement")
            spent.ms[timing["phase"]] = spent.ms.get(timing["phase"], 0.0) + float(timing["ms"])
    return found


def _label(text: str) -> str:
    """The first words, without the values that a client may have written into them."""
    if text.startswith("--"):  # the engine's own begin with what they are for
        return text.split("\n", 1)[0][:LABEL]
    return VALUES.sub("…", " ".join(text.split()))[:LABEL]


def _entries(words: str) -> Iterator[str]:
    entry: list[str] = []
    for line in words.splitlines():
        if ENTRY.match(line) and entry:
            yield "\n".join(entry)
            entry = []
        entry.append(line)
    yield "\n".join(entry)
