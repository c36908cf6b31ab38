"""What a load costs: processor time, transactions, write-ahead log and memory, read before and after."""

import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import psutil
import psycopg

COUNTERS = """
    SELECT (SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = %s),
           pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
           pg_current_wal_lsn() - '0/0'::pg_lsn
"""


@dataclass(frozen=True)
class Reading:
    """Counters at one moment; the difference of two is what happened between them."""

    at: float
    transactions: int
    writes: int
    wal_bytes: int
    cpu_seconds: dict[str, float]

    def since(self, before: "Reading") -> "Reading":
        """What happened since `before`."""
        spent = {who: total - before.cpu_seconds.get(who, 0.0) for who, total in self.cpu_seconds.items()}
        return Reading(
            at=self.at - before.at,
            transactions=self.transactions - before.transactions,
            writes=self.writes - before.writes,
            wal_bytes=self.wal_bytes - before.wal_bytes,
            cpu_seconds=spent,
        )


class Meter:
    """Reads the counters of one database and of the processes that serve it."""

    def __init__(
        self, server: psycopg.Connection, database: str, processes: Mapping[str, Iterable[int]]
    ) -> None:
        """`processes` names groups of process numbers; a process's children count with it."""
        self._server = server
        self._database = database
        self._processes = {who: list(pids) for who, pids in processes.items()}

    def before(self, *, patience: float) -> Reading:
        """Everything as it is once what was done before has been reported: after ten seconds it all has."""
        time.sleep(patience)
        return self._reading(*self._spent())

    def after(self, *, patience: float) -> Reading:
        """The processor time as it is now, and the server's counters once they have been reported."""
        spent = self._spent()
        time.sleep(patience)
        return self._reading(*spent)

    def _spent(self) -> tuple[float, dict[str, float]]:
        spent = {who: sum(map(cpu_seconds, pids)) for who, pids in self._processes.items()}
        return time.monotonic(), spent

    def _reading(self, at: float, spent: dict[str, float]) -> Reading:
        row = self._server.execute(COUNTERS, [self._database]).fetchone()
        assert row is not None
        return Reading(at, int(row[0]), int(row[1]), int(row[2]), spent)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, of its children, and of those children that have ended.

    Of this process only its own: what it has started is counted in its own right.
    """
    if pid == os.getpid():
        return time.process_time()
    total = 0.0
    for found in family(pid):
        with suppress(psutil.NoSuchProcess):
            spent = found.cpu_times()
            total += spent.user + spent.system + spent.children_user + spent.children_system
    return total


def family(pid: int) -> list[psutil.Process]:
    """A process and whatever it has started that still lives."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def resident_mb(pid: int) -> float:
    """The resident memory of the largest process of a family, in megabytes of a million bytes."""
    found = [0.0]
    for process in family(pid):
        with suppress(psutil.NoSuchProcess):
            found.append(float(process.memory_info().rss) / 1e6)
    return max(found)


def machine_load() -> dict[str, float]:
    """How much the machine had to do in the last minute, and how many processors it has."""
    return {"load_1m": round(psutil.getloadavg()[0], 2), "processors": psutil.cpu_count() or 0}
