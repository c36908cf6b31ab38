"""The sweeper: two at once, none for ten minutes, and a clock that is wrong."""

import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import F
from django.db.models.functions import Now

from governance.ledger.models import Event
from runs.records.models import Run, Step
from tests.chaos.floor import Floor
from tests.chaos.flows import marks, step
from tests.durable.scripts import graph
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, released
from tests.harness.fresh import FreshDatabase
from tests.waiting import wait_until

pytestmark = pytest.mark.chaos
AN_HOUR = 3600
TEN_MINUTES = timedelta(minutes=10)
WAIT = {"kind": "timer", "key": "pause", "seconds": 60}


def ended() -> bool:
    return not Run.objects.filter(finished_at=None).exists()


def test_two_sweepers_take_each_run_back_once(floor: Floor, northwind: Company) -> None:
    release = released(northwind, chain(1))
    runs = [begin(northwind, release) for _ in range(60)]
    floor.flush()
    dead = {
        "state": "running",
        "lease_owner": "gone:1:x",
        "lease_epoch": 1,
        "lease_until": Now() - TEN_MINUTES,
    }
    Run.objects.update(**dead)

    floor.watch()
    floor.watch()
    floor.hire()
    wait_until(ended, "every run has ended")

    taken_back = Event.objects.filter(kind="run.recovered").values_list("object_id", flat=True)
    assert sorted(taken_back) == sorted(run.pk for run in runs)
    assert not Run.objects.exclude(state="succeeded").exists()
    assert Step.objects.count() == 60


def test_after_ten_minutes_without_a_sweeper_everything_goes_on(floor: Floor, northwind: Company) -> None:
    timed = released(northwind, graph(step("one"), WAIT, step("two")))
    worker = floor.hire()
    sleeping = begin(northwind, timed, "sleeping")
    wait_until(lambda: Run.objects.get(pk=sleeping.pk).state == "waiting", "it waits for its time")
    floor.kill(worker)
    held, unheard = begin(northwind, timed, "held"), begin(northwind, timed, "unheard")
    floor.flush()
    Run.objects.filter(pk=sleeping.pk).update(wake_at=Now() - TEN_MINUTES)
    dead = {
        "state": "running",
        "lease_owner": "gone:1:x",
        "lease_epoch": 1,
        "lease_until": Now() - TEN_MINUTES,
    }
    Run.objects.filter(pk=held.pk).update(**dead)
    Run.objects.filter(pk=unheard.pk).update(ready_at=Now() - TEN_MINUTES)

    floor.hire()
    floor.watch()
    wait_until(lambda: Run.objects.get(pk=sleeping.pk).state == "succeeded", "what was late has ended")
    both = Run.objects.filter(pk__in=[held.pk, unheard.pk], state="waiting")
    wait_until(lambda: both.count() == 2, "the others have come to their timer")
    both.update(wake_at=F("wake_at") - TEN_MINUTES)
    wait_until(ended, "every run has ended")

    assert sorted(marks(floor.witness)) == ["one"] * 3 + ["two"] * 3


@pytest.mark.parametrize("ahead", [AN_HOUR, -AN_HOUR])
def test_a_workers_clock_that_is_an_hour_off_changes_nothing(
    floor: Floor, northwind: Company, fresh_database: FreshDatabase, ahead: int
) -> None:
    """The worker's clock is moved in its process, as nothing on the machine can do it for one process."""
    short = {**WAIT, "seconds": 1}
    release = released(
        northwind, graph(step("one"), short, step("two", effect="none", timeout_s=20), step("three"))
    )
    skewed = {"PYTHONPATH": str(Path(__file__).parent / "skewed"), "CLOCK_AHEAD_SECONDS": str(ahead)}
    floor.environment.update(skewed)
    floor.hire()
    floor.watch()
    for name in skewed:
        del floor.environment[name]
    right = floor.hire()
    began = time.time()
    runs = [begin(northwind, release, f"run-{number}") for number in range(6)]
    wait_until(ended, "every run has ended")

    assert not Run.objects.exclude(state="succeeded").exists()
    assert not Event.objects.filter(kind="run.recovered").exists(), "no lease ended too early"
    assert len(marks(floor.witness)) == len(runs) * 3
    off = [line for line in floor.lines() if abs(float(line.split()[3]) - began) > AN_HOUR / 2]
    assert off, "the skewed worker has executed steps"
    moments = [moment.timestamp() for moment in Step.objects.values_list("finished_at", flat=True)]
    assert all(abs(moment - began) < AN_HOUR / 2 for moment in moments), (
        "what is recorded is PostgreSQL's time"
    )
    assert right.poll() is None
