"""What an event costs its business transaction, beside what libraries cost that keep a history of rows.

Eight processes change rows as fast as they go, in blocks of a few seconds: first without any history, then
with ours, then with each of the others, and again; of each the median block counts. The keeper runs, too. A
business transaction is described in `saving`. The peers change the same columns in a database of their own.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final
from uuid import UUID

from portal.env import ROOT
from tests.benchmarks.ledger.tree import keeper_beside
from tests.harness.fresh import FreshDatabase

PROCESSES: Final = 8
OURS: Final = ("plain", "captured", "told")
PEERS: Final = {"Audited": "auditlog", "Historic": "simple_history", "Tracked": "pghistory"}
WORKER: Final = ROOT / "tests" / "benchmarks" / "peers" / "django_history_worker.py"
TABLE: Final = """
    CREATE TABLE {name} (
        id uuid PRIMARY KEY, organisation_id uuid NOT NULL, reference varchar(40) NOT NULL,
        state varchar(20) NOT NULL, amount integer NOT NULL, note text NOT NULL,
        changed_at timestamptz NOT NULL);
    GRANT SELECT, INSERT, UPDATE ON {name} TO countersign_app;
"""
GOVERNED: Final = "SELECT ledger_govern('bench_captured', 'organisation', 'organisation_id')"


def overhead_figures(
    database: FreshDatabase,
    who: tuple[UUID, UUID],
    *,
    peers: tuple[Path, str] | None,
    rounds: int,
    seconds: float,
    said: Callable[[str], None],
) -> dict[str, Any]:
    """The ratios; those of the peers are None where their interpreter and database are not there."""
    with database.connect("owner") as owner:
        for name in ("bench_plain", "bench_captured"):
            owner.execute(TABLE.format(name=name))
        owner.execute(GOVERNED)
    environment = {**os.environ, **database.environment()}
    ours = [sys.executable, "-m", "tests.benchmarks.ledger.saving", *(str(each) for each in who)]
    with keeper_beside(database), ExitStack() as stack:
        crews = {kind: stack.enter_context(crew(ours, environment)) for kind in OURS[:1]}
        crews |= dict.fromkeys(OURS[1:], crews["plain"])
        if peers:
            python, address = peers
            command = [str(python), str(WORKER), address]
            subprocess.run([*command, "prepare"], check=True)
            theirs = stack.enter_context(crew([*command, "work"], environment))
            crews |= dict.fromkeys(("Plain", *PEERS), theirs)
        found = _alternating(crews, rounds, seconds)
    for kind, rate in found.items():
        said(f"{kind}: {rate:,.0f} transactions a second in {PROCESSES} processes")
    return _ratios(found)


def _alternating(
    crews: dict[str, list["subprocess.Popen[str]"]], rounds: int, seconds: float
) -> dict[str, float]:
    """The median rate of each kind."""
    found: dict[str, list[float]] = {kind: [] for kind in crews}
    for _ in range(rounds):
        for kind, workers in crews.items():
            found[kind].append(sum(int(line) for line in _asked(workers, f"{kind} {seconds}")) / seconds)
    return {kind: median(rates) for kind, rates in found.items()}


def _ratios(found: dict[str, float]) -> dict[str, Any]:
    """How much is kept with each; of the peers, how much more is kept with ours."""
    kept = found["captured"] / found["plain"]
    figures: dict[str, Any] = {
        "overhead_ratio_8": round(found["told"] / found["plain"], 3),
        "captured_ratio_8": round(kept, 3),
    }
    for kind, name in PEERS.items():
        theirs = found[kind] / found["Plain"] if kind in found else None
        figures[f"{name}_kept"] = theirs and round(theirs, 3)
        figures[f"{name}_ratio"] = theirs and round(kept / theirs, 2)
    return figures


@contextmanager
def crew(command: Sequence[str], environment: dict[str, str]) -> Iterator[list["subprocess.Popen[str]"]]:
    """So many processes of this command, each ready."""
    workers = [
        subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(PROCESSES)
    ]
    try:
        if any(line != "ready" for line in _lines(workers)):
            raise SystemExit("A process that changes rows did not start; its words stand above.")
        yield workers
    finally:
        for worker in workers:
            worker.terminate()
            worker.communicate()


def _asked(workers: Sequence["subprocess.Popen[str]"], line: str) -> list[str]:
    for worker in workers:
        if worker.stdin:
            worker.stdin.write(f"{line}\n")
            worker.stdin.flush()
    return _lines(workers)


def _lines(workers: Sequence["subprocess.Popen[str]"]) -> list[str]:
    return [worker.stdout.readline().strip() if worker.stdout else "" for worker in workers]
