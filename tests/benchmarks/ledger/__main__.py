"""`python -m tests.benchmarks.ledger`: measure the ledger's log; the last line is one JSON object."""

import argparse
import json
import os
from pathlib import Path

from portal.env import ROOT
from tests.benchmarks.premises import Premises


def main() -> None:
    """Fill a database of its own, measure, print, and drop it."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.ledger", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="in the log that is verified")
    parser.add_argument("--seconds", type=float, default=20.0, help="of load while the delay is measured")
    asked = parser.parse_args()
    premises = Premises(Path(os.environ.get("COUNTERSIGN_BENCH_VAR") or ROOT / "var" / "bench" / "ledger"))
    try:
        from django.db import connection

        from tests.benchmarks.ledger.tree import tree_figures

        database = premises.database()
        figures = tree_figures(database, events=asked.events, seconds=asked.seconds, said=_say)
        connection.close()
        premises.drop(database)
        _say(json.dumps(figures))
    finally:
        premises.close()


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201 - a benchmark's voice is the terminal


if __name__ == "__main__":
    main()
