"""Where the time goes: in the client, in the workers and in PostgreSQL, by function and by statement."""

import cProfile
import io
import os
import pstats
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from celery import current_app
from django.db import connection

from runs.durable.drive import drive
from runs.records.models import Run
from tests.benchmarks.load import Client, client, drain
from tests.benchmarks.meters import cpu_seconds
from tests.benchmarks.premises import Premises
from tests.benchmarks.staff import Staff
from tests.benchmarks.statements import Spent, timed
from tests.waiting import wait_until

SHOWN = 45


def report(premises: Premises, *, runs: int) -> str:
    """A text for the people who make the engine faster."""
    database = premises.database()
    try:
        who = client()
        with TemporaryDirectory() as folder:
            with Staff(database, BENCH_SAMPLES=folder) as staff:
                staff.hire()
                drain(who, 20)
                apart = backlog(who, staff, runs)
            in_worker = sampled(Path(folder))
        with premises.superuser() as server:
            connection.close()
            with timed(server, database.name, premises.postgres.places.log / "postgres.log") as found:
                with Staff(database) as staff:
                    staff.hire()
                    drain(who, runs)
                connection.close()
        started: list[UUID] = []
        in_client = profiled("CLIENT: starts", lambda: started.append(who.start().pk), runs)
        waiting = iter(started)
        in_drive = profiled(
            "WORKER: drives, in this process", lambda: drive(next(waiting), worker="bench"), runs
        )
    finally:
        current_app.control.purge()  # what the client started while it was profiled, nobody executes
        premises.drop(database)
    return "\n\n".join([apart, in_client, in_drive, in_worker, in_server(found, runs)])


def backlog(who: Client, staff: Staff, runs: int) -> str:
    """How fast the client starts while the workers stand still, and how fast they then catch up."""
    for worker in staff.workers:
        os.killpg(worker.pid, signal.SIGSTOP)
    began, spent = time.monotonic(), time.process_time()
    first = who.start().pk
    for _ in range(runs - 1):
        who.start()
    starting, spent = time.monotonic() - began, time.process_time() - spent
    before = sum(cpu_seconds(worker.pid) for worker in staff.workers)
    began = time.monotonic()
    for worker in staff.workers:
        os.killpg(worker.pid, signal.SIGCONT)
    waiting = Run.objects.filter(pk__gte=first, finished_at=None)
    wait_until(lambda: not waiting.exists(), "the runs end", within=300, every=0.05)
    ending = time.monotonic() - began
    worked = sum(cpu_seconds(worker.pid) for worker in staff.workers) - before
    return (
        f"APART: {runs / starting:.0f} starts/s by a client ({spent / runs * 1000:.1f} ms of its own), "
        f"then {runs / ending:.0f} runs/s by the workers ({worked / runs * 1000:.1f} ms each)"
    )


def profiled(what: str, act: Callable[[], object], times: int) -> str:
    """Every function of doing it again and again, in this thread alone."""
    act()
    spent = time.process_time()
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(times):
        act()
    profile.disable()
    spent = time.process_time() - spent
    words = io.StringIO()
    stats = pstats.Stats(profile, stream=words).strip_dirs()
    for order in ("tottime", "cumulative"):
        stats.sort_stats(order).print_stats(SHOWN)
    head = f"{what}, {times} times, {spent / times * 1000:.1f} ms of processor each while it is profiled"
    return f"{head}\n{words.getvalue()}"


def sampled(folder: Path) -> str:
    """The workers' threads at work: the share of samples by innermost and by any function."""
    found = {"L": Counter[str](), "I": Counter[str]()}
    for path in folder.glob("samples-*.txt"):
        for line in path.read_text().splitlines():
            which, times, place = line.split("\t")
            found[which][place] += int(times)
    total = sum(found["L"].values()) or 1
    lines = [f"WORKERS: {total} samples of threads at work"]
    for which, title in (("L", "innermost function"), ("I", "anywhere on the stack")):
        lines.append(f"-- {title}")
        lines += [
            f"{100 * times / total:6.1f} %  {place}" for place, times in found[which].most_common(SHOWN)
        ]
    return "\n".join(lines)


def in_server(found: dict[str, Spent], runs: int) -> str:
    """Statements by the time they took in PostgreSQL, commits excepted."""
    total = sum(spent.total for spent in found.values())
    lines = [
        f"POSTGRESQL: {total / runs:.2f} ms of statements a run while each is logged",
        "times a run, ms a run, of which parsing and planning (bind), ms each",
    ]
    for text, spent in sorted(found.items(), key=lambda item: -item[1].total)[:SHOWN]:
        each = spent.total / max(1, spent.times)
        planned = sum(spent.ms.get(phase, 0.0) for phase in ("parse", "bind"))
        figures = f"{spent.times / runs:7.2f} {spent.total / runs:8.3f} {planned / runs:8.3f} {each:8.3f}"
        lines.append(f"{figures}  {text}")
    return "\n".join(lines)
