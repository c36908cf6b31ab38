"""One block of load on our engine: processes started, warmed, measured, ended."""

import os
import time
from dataclasses import dataclass
from statistics import median

from django.db import connection

from tests.benchmarks.load import STEPS, Client, client, drain, hold_history, latencies
from tests.benchmarks.meters import Meter, Reading, resident_mb
from tests.benchmarks.plan import Plan
from tests.benchmarks.premises import Premises
from tests.benchmarks.staff import Staff
from tests.harness.fresh import FreshDatabase

WARM = 40


@dataclass(frozen=True)
class Block:
    """What one block showed."""

    runs: int
    runs_per_s: float
    latencies_ms: list[float]
    cost: Reading
    rss_mb: float

    def cpu_ms(self) -> dict[str, float]:
        """Processor milliseconds a run, by process."""
        return {who: spent / self.runs * 1000 for who, spent in self.cost.cpu_seconds.items()}


def block(premises: Premises, plan: Plan) -> Block:
    """Load in a new database; everything that the runs should leave is held to be there."""
    database = premises.database()
    try:
        who = client()
        found, runs = loaded(premises, database, who, plan, single=plan.single)
        hold_history(runs, steps=STEPS)
        return found
    finally:
        connection.close()
        premises.drop(database)


def loaded(
    premises: Premises, database: FreshDatabase, who: Client, plan: Plan, *, single: int
) -> tuple[Block, int]:
    """Load in this database, and how many runs were started in all."""
    with Staff(database) as staff, premises.superuser() as server:
        staff.hire(plan.workers)
        staff.engage_sweeper()
        drain(who, WARM)
        pace = drain(who, WARM).per_second
        runs = max(WARM, int(pace * plan.seconds))
        with premises.superuser(database.name) as keeper:
            keeper.execute("VACUUM (ANALYZE)")
        meter = Meter(server, database.name, groups(premises, staff))
        before = meter.before(patience=plan.patience)
        found = drain(who, runs)
        cost = meter.after(patience=plan.patience).since(before)
        waited = latencies(who, single) if single else []
        rss = max(resident_mb(worker.pid) for worker in staff.workers)
    return Block(runs, found.per_second, waited, cost, rss), 2 * WARM + runs + single


def idle(premises: Premises, plan: Plan) -> float:
    """Transactions a second of workers and sweeper that have nothing to do."""
    database = premises.database()
    try:
        who = client()
        with Staff(database) as staff, premises.superuser() as server:
            staff.hire(plan.workers)
            staff.engage_sweeper()
            drain(who, 20)
            meter = Meter(server, database.name, {})
            before = meter.before(patience=plan.patience)
            began = time.monotonic()
            staff.rest(plan.idle_seconds)
            found = meter.after(patience=plan.patience).since(before)
            seconds = time.monotonic() - began
        return found.transactions / seconds
    finally:
        connection.close()
        premises.drop(database)


def groups(premises: Premises, staff: Staff) -> dict[str, list[int]]:
    """The processes that a run costs time of."""
    servers = {"postgres": premises.postgres.pid(), "valkey": premises.valkey.pid()}
    return {
        "client": [os.getpid()],
        "workers": [worker.pid for worker in staff.workers],
        "sweeper": [other.pid for other in staff.others],
        **{name: [pid] for name, pid in servers.items() if pid},
    }


def quantile(values: list[float], share: float) -> float:
    """The value below which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def summed(blocks: list[Block]) -> dict[str, float]:
    """The figures of our engine, medians over the blocks."""
    waited = [ms for found in blocks for ms in found.latencies_ms]
    rate = median(found.runs_per_s for found in blocks)
    return {
        "runs_per_s": rate,
        "steps_per_s": rate * STEPS,
        "p50_ms": quantile(waited, 0.5),
        "p95_ms": quantile(waited, 0.95),
        "commits_per_run": median(found.cost.writes / found.runs for found in blocks),
        "transactions_per_run": median(found.cost.transactions / found.runs for found in blocks),
        "wal_bytes_per_run": median(found.cost.wal_bytes / found.runs for found in blocks),
        "worker_rss_mb": max(found.rss_mb for found in blocks),
        "cpu_ms_per_run": median(sum(found.cpu_ms().values()) for found in blocks),
    }
