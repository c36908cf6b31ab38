"""`python -m tests.benchmarks.ledger`: measure the ledger's log; the last line is one JSON object."""

import argparse
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit, urlunsplit

from psycopg import sql

from portal.env import ROOT
from tests.benchmarks.premises import Premises

BESIDE: Final = "bench_beside"


def main() -> None:
    """Fill a database of its own, measure, print, and drop it."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.ledger", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="in the log that is verified")
    parser.add_argument("--seconds", type=float, default=20.0, help="of load while the delay is measured")
    parser.add_argument("--rounds", type=int, default=5, help="of blocks with and without a history")
    parser.add_argument("--block", type=float, default=4.0, help="seconds of a block")
    asked = parser.parse_args()
    premises = Premises(Path(os.environ.get("COUNTERSIGN_BENCH_VAR") or ROOT / "var" / "bench" / "ledger"))
    try:
        from django.db import connection

        from tests.benchmarks.ledger.tree import tree_figures

        figures = _overhead(premises, asked)
        database = premises.database()
        figures |= tree_figures(database, events=asked.events, seconds=asked.seconds, said=_say)
        connection.close()
        premises.drop(database)
        _say(json.dumps({**figures, "load": os.getloadavg()[0]}))
    finally:
        premises.close()


def _overhead(premises: Premises, asked: argparse.Namespace) -> dict[str, Any]:
    """In a database of its own, beside one of the peers' own, if they are installed."""
    from django.db import connections

    from tests.benchmarks.ledger.overhead import overhead_figures
    from tests.factories.cast import NORTHWIND, Company

    database, company = premises.database(), Company(NORTHWIND)
    who = (company.organisation.pk, company.owner.pk)
    python = (
        Path(os.environ.get("LEDGER_PEERS") or ROOT / "var" / "bench" / "ledger-peers") / "venv/bin/python"
    )
    with _beside(premises) as address:
        figures = overhead_figures(
            database,
            who,
            peers=(python, address) if python.exists() else None,
            rounds=asked.rounds,
            seconds=asked.block,
            said=_say,
        )
    connections.close_all()
    premises.drop(database)
    return figures


@contextmanager
def _beside(premises: Premises) -> Iterator[str]:
    """The address of an empty database for who is measured beside us."""
    owner = urlsplit(os.environ["OWNER_DATABASE_URL"])
    drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(BESIDE))
    make = sql.SQL("CREATE DATABASE {} OWNER {}").format(
        sql.Identifier(BESIDE), sql.Identifier(unquote(owner.username or ""))
    )
    with premises.superuser() as server:
        server.execute(drop)
        server.execute(make)
        yield urlunsplit(owner._replace(path=f"/{BESIDE}"))
        server.execute(drop)


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201 - a benchmark's voice is the terminal


if __name__ == "__main__":
    main()
