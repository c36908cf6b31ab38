"""kill -9 of PostgreSQL itself, while workers execute and while the sweeper looks."""

import time

import pytest
from django.db import DatabaseError, InterfaceError

from governance.ledger.models import Event
from runs.records.models import Run, Step
from tests.chaos.floor import Floor
from tests.chaos.flows import step, told_by
from tests.chaos.own_postgres import Fragile, fresh_database, own_server
from tests.durable.scripts import graph
from tests.factories.cast import Company
from tests.factories.runs import begin, released
from tests.waiting import wait_until

__all__ = ["fresh_database", "own_server"]
pytestmark = [pytest.mark.chaos, pytest.mark.embedded]
RUNS, CRASHES = 30, 3


def test_nothing_acknowledged_is_lost_and_nothing_committed_is_repeated(
    floor: Floor, northwind: Company, fresh_database: Fragile
) -> None:
    release = released(northwind, graph(*(step(f"step_{number}") for number in range(8))))
    runs = [begin(northwind, release, f"run-{number}", reference=f"run-{number}") for number in range(RUNS)]
    workers = [floor.hire(seconds=0.2), floor.hire(seconds=0.2)]
    floor.watch()
    acknowledged: set[object] = set()
    for _ in range(CRASHES):
        enough = Step.objects.count() + 30
        wait_until(lambda enough=enough: Step.objects.count() >= enough, "more steps are committed")  # type: ignore[misc]
        acknowledged |= set(Step.objects.values_list("pk", flat=True))
        fresh_database.crash()
        time.sleep(0.5)
        fresh_database.revive()

    wait_until(all_ended, "every run has ended", every=0.5)

    assert set(Run.objects.values_list("state", flat=True)) == {"succeeded"}
    assert acknowledged <= set(Step.objects.values_list("pk", flat=True))
    assert Step.objects.count() == Event.objects.filter(kind="step.succeeded").count() == RUNS * 8
    ended = {(found.run.reference, found.node): found.finished_at.timestamp() for found in with_runs()}
    late = [line for line in told_by(floor.witness) if line.at > ended[line.text, line.mark]]
    assert late == [], "executed again after its commit"
    assert len(runs) == RUNS
    assert [worker.poll() for worker in workers] == [None, None], "the workers have outlived their database"


def test_a_database_that_is_away_at_a_workers_start_is_waited_for(
    floor: Floor, northwind: Company, fresh_database: Fragile
) -> None:
    run = begin(northwind, released(northwind, graph(step("one"), step("two"))), "run")
    floor.watch()
    fresh_database.crash()
    worker = floor.hire()
    fresh_database.revive()

    wait_until(all_ended, "the run has ended")

    assert Run.objects.get(pk=run.pk).state == "succeeded"
    assert worker.poll() is None
    assert floor.sweepers[0].poll() is None


def with_runs() -> list[Step]:
    return list(Step.objects.filter(state="succeeded").select_related("run"))


def all_ended() -> bool:
    try:
        return not Run.objects.filter(finished_at=None).exists()
    except (DatabaseError, InterfaceError):
        return False
