"""A thousand runs under random faults: every one ends, and the books agree."""

import random
import sys
import time
from collections import Counter

import pytest
from django.db import DatabaseError, InterfaceError, connection

from governance.releases.models import Release
from runs.records.models import Run, Step
from tests.chaos.books import committed, executions, ledger_gaps, repeated_after_commit, unwitnessed
from tests.chaos.floor import Floor
from tests.chaos.own_postgres import Fragile, fresh_database, own_server
from tests.chaos.soak import Faults, mixed
from tests.factories.cast import Company
from tests.factories.runs import begin, released
from tests.waiting import wait_until

__all__ = ["fresh_database", "own_server"]
pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.embedded]
SEED, RUNS, FAILING = 20_260_611, 1000, 100
PATIENCE_SECONDS = 420
SLOTS = 4
ENDS = {"succeeded": RUNS - FAILING, "compensated": FAILING}


def test_a_thousand_runs_under_random_faults(
    floor: Floor, northwind: Company, fresh_database: Fragile, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    acknowledged: set[object] = set()
    faults = Faults(
        floor,
        fresh_database,
        seed=SEED,
        acknowledge=lambda: acknowledged.update(Step.objects.values_list("pk", flat=True)),
    )
    good, bad = (released(northwind, mixed(northwind, ends_well=well)) for well in (True, False))
    for _ in range(3):
        floor.hire(concurrency=SLOTS)
    floor.watch()
    releases = [good] * (RUNS - FAILING) + [bad] * FAILING
    random.Random(SEED).shuffle(releases)  # noqa: S311
    faults.begin()
    try:
        for number, release in enumerate(releases):
            persistently_begin(northwind, release, f"run-{number}")
        wait_until(lambda: left() <= RUNS // 10, "most runs have ended", within=PATIENCE_SECONDS, every=1)
    finally:
        faults.end()
    wait_until(lambda: left() == 0, "every run has ended", every=0.5)

    ended = committed()
    assert Counter(Run.objects.whole().values_list("state", flat=True)) == ENDS
    assert acknowledged <= set(Step.objects.values_list("pk", flat=True))
    late = repeated_after_commit(floor.witness, ended)
    assert [line for line in late if not faults.in_hand(line, ended[line.text, line.mark])] == []
    assert len(late) <= faults.count["freeze_worker"] * SLOTS
    assert unwitnessed(floor.witness, ended) == set()
    assert ledger_gaps() == {"untold steps": 0, "untold runs": 0, "invented steps": 0}
    again = sum(executions(floor.witness).values()) - Step.objects.filter(kind="function").count()
    with capsys.disabled():
        sys.stdout.write(
            f"\nsoak: seed {SEED}, {RUNS} runs ({Run.objects.count()} with their parts),"
            f" {Step.objects.count()} steps, {len(acknowledged)} of them seen acknowledged under way,"
            f" {sum(faults.count.values())} faults {dict(faults.count)}, {again} executions cut short and"
            f" repeated, {len(late)} in hand of a frozen worker, none else after its commit,"
            f" {time.monotonic() - began:.0f} s\n"
        )


def persistently_begin(company: Company, release: Release, name: str) -> None:
    """Start it as a client does who hears nothing: again, with the same idempotency key."""
    while True:
        try:
            begin(company, release, name, reference=name, idempotency_key=name)
            return
        except (DatabaseError, InterfaceError):
            connection.close()
            time.sleep(0.2)


def left() -> int:
    """How many runs are on their way."""
    try:
        return Run.objects.filter(finished_at=None).count()
    except (DatabaseError, InterfaceError):
        connection.close()
        return RUNS
