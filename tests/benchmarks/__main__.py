"""`python -m tests.benchmarks`: measure the engine beside its peers; the last line is one JSON object.

`make bench-engine` installs the peers and calls this. How it is measured stands in the package's docstring.
"""

import argparse
import os
from dataclasses import replace
from pathlib import Path

from portal.env import ROOT
from tests.benchmarks.plan import QUICK, Plan
from tests.benchmarks.premises import Premises
from tests.benchmarks.telling import tell


def main() -> None:
    """Measure, and print."""
    asked = _asked()
    plan = _plan(asked)
    premises = Premises(Path(os.environ.get("COUNTERSIGN_BENCH_VAR") or ROOT / "var" / "bench" / "portal"))
    try:
        if asked.profile:
            from tests.benchmarks.where import report

            tell(report(premises, runs=asked.runs))
            return
        from tests.benchmarks.course import course

        tell(
            course(
                premises,
                plan,
                only_ours=asked.only == "ours",
                parts=set(asked.parts),
                keep=asked.keep_history,
            )
        )
    finally:
        premises.close()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute: shows that it works")
    parser.add_argument("--only", choices=["ours"], help="leave the peers out")
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=PARTS, help="measure only these")
    parser.add_argument("--rounds", type=int, help="how often each is measured")
    parser.add_argument("--seconds", type=float, help="of load in each block")
    parser.add_argument("--workers", type=int, help="worker processes of ours")
    parser.add_argument("--history", type=int, help="finished runs in the tables for the growth")
    parser.add_argument("--keep-history", action="store_true", help="for the next time: 20 GB of disk")
    parser.add_argument("--profile", action="store_true", help="print where the time goes, and nothing else")
    parser.add_argument("--runs", type=int, default=150, help="runs to profile")
    return parser.parse_args()


PARTS = ("speed", "idle", "faults", "map", "growth")


def _plan(asked: argparse.Namespace) -> Plan:
    plan = QUICK if asked.quick else Plan()
    sizes = {name: getattr(asked, name) for name in ("rounds", "seconds", "workers", "history")}
    return replace(plan, **{name: size for name, size in sizes.items() if size is not None})


if __name__ == "__main__":
    main()
