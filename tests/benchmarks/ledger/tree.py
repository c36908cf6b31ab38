"""The tree: how soon an event has its position, how fast a backlog goes, verification, and a proof."""

import os
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import psycopg
from django.db import connections

from governance.merkle.tiles import inclusion_proof
from governance.proof.models import Position, Verification
from governance.proof.sequencing import Sequencer
from governance.proof.sizes import size_of
from governance.proof.stored_tiles import StoredTiles
from governance.proof.verifying.whole import verify_all
from portal.embedded.processes import keeper_command
from portal.env import ROOT
from tests.benchmarks.ledger.writing import TELL, one_after_another
from tests.factories.cast import NORTHWIND, Company
from tests.harness.fresh import FreshDatabase
from tests.waiting import wait_until

WRITERS = 8
CHUNK = 20_000
PROOFS = 5_000
POLL_SECONDS = 0.002
PLACED = "SELECT EXISTS (SELECT FROM ledger_entry WHERE event = %s)"


def tree_figures(
    database: FreshDatabase, *, events: int, seconds: float, said: Callable[[str], None]
) -> dict[str, Any]:
    """Every figure of the tree, in a database that is filled for it."""
    company = Company(NORTHWIND)
    who = (company.organisation.pk, company.owner.pk)
    sequencer = Sequencer()
    sequencer.drain()
    _fill(database, who, events)
    with database.connect("owner") as owner:
        owner.execute("VACUUM (ANALYZE) ledger_event")
    began = time.monotonic()
    drained = sequencer.drain()
    figures: dict[str, Any] = {"drain_per_s": round(drained / (time.monotonic() - began))}
    said(f"drained {drained:,} events: {figures['drain_per_s']:,} a second, tiles included")
    with database.connect("owner") as owner:
        owner.execute("VACUUM (ANALYZE) ledger_entry")
    figures |= _verified(said)
    figures["proof_p50_ms"] = _proof_ms(who[0])
    said(f"a proof from tiles in memory: {figures['proof_p50_ms']} ms")
    figures |= _delay(database, who, seconds)
    said(f"an event has its position after {figures['sequencing_p99_ms']} ms (p99), beside {WRITERS} writers")
    return figures


def _fill(database: FreshDatabase, who: tuple[UUID, UUID], events: int) -> None:
    with database.connect() as writer:
        for _ in range(-(-events // CHUNK)):
            writer.execute(f"{TELL} FROM generate_series(1, {CHUNK})", who)


def _verified(said: Callable[[str], None]) -> dict[str, int]:
    """Hashing and comparing every record, in one process and in two."""
    figures = {}
    for name, processes in (("verify_per_s", 1), ("verify_2_per_s", 2)):
        report = verify_all(processes=processes)
        if not report.holds:
            raise SystemExit(f"The log does not hold: {report.findings[0].said}")
        figures[name] = round(report.entries / report.hashing_seconds)
        said(f"verified {report.entries:,} events, {processes} at a time: {figures[name]:,} a second")
    connections.close_all()
    return figures


def _proof_ms(log: UUID) -> float:
    size, chance = size_of(log), random.Random(1)  # noqa: S311 - which proofs are asked for
    tiles = StoredTiles(log)
    asked = [chance.randrange(size) for _ in range(PROOFS)]
    for position in asked:
        inclusion_proof(tiles, position, size)
    took = [_timed(partial(inclusion_proof, tiles, position, size)) for position in asked]
    return round(median(took) * 1000, 3)


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _delay(database: FreshDatabase, who: tuple[UUID, UUID], seconds: float) -> dict[str, float]:
    """From the commit of an event to its position, one event after the other, while others write."""
    before = Position.objects.count()
    with keeper_beside(database), _writers(database, who, seconds):
        found = sorted(_delays(database, who, seconds))
    during = Position.objects.count() - before
    return {
        "sequencing_p50_ms": _part(found, 0.5),
        "sequencing_p99_ms": _part(found, 0.99),
        "sequenced_per_s": round(during / seconds),
    }


def _part(found: Sequence[float], part: float) -> float:
    return round(found[min(int(len(found) * part), len(found) - 1)] * 1000, 1)


def _delays(database: FreshDatabase, who: tuple[UUID, UUID], seconds: float) -> Iterator[float]:
    until = time.monotonic() + seconds
    with database.connect() as own:
        while time.monotonic() < until:
            event = _asked(own, TELL, *who)
            began = time.monotonic()
            while not _asked(own, PLACED, event):
                time.sleep(POLL_SECONDS)
            yield time.monotonic() - began


def _asked(own: "psycopg.Connection[tuple[Any, ...]]", statement: str, *given: object) -> Any:
    row = own.execute(statement.encode(), given, prepare=True).fetchone()
    return row[0] if row else None


@contextmanager
def keeper_beside(database: FreshDatabase) -> Iterator[None]:
    """The keeper as it runs beside a portal."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, **database.environment(), "LEDGER_STATE": folder, "LEDGER_KEY_FILE": ""}
        log = Path(folder) / "keeper.log"
        with log.open("wb") as words:
            keeper = subprocess.Popen(
                keeper_command(), cwd=ROOT, env=environment, stdout=words, stderr=subprocess.STDOUT
            )
        try:
            wait_until(lambda: "keeping" in log.read_text(), "the keeper keeps")
            wait_until(Verification.objects.exists, "the backlog is signed, and a first round verified")
            yield
        finally:
            keeper.terminate()
            keeper.wait()


@contextmanager
def _writers(database: FreshDatabase, who: tuple[UUID, UUID], seconds: float) -> Iterator[None]:
    connections.close_all()
    address = database.environment()["DATABASE_URL"]
    starting = get_context("spawn")
    writers = [
        starting.Process(target=one_after_another, args=(address, *who, seconds)) for _ in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    try:
        yield
    finally:
        for writer in writers:
            writer.join()
