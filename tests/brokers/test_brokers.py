"""RabbitMQ and Redis carry the messages; whatever becomes of these, no run is lost, none executed twice."""

import time
from datetime import timedelta

import pytest
from celery import current_app
from django.db.models import F

from runs.durable.announce import announce
from runs.durable.machine import CLAIMABLE
from runs.durable.sweep import NUDGES, sweep
from runs.records.models import Run, Step
from tests.chaos.floor import Floor, start, states
from tests.factories.cast import Company
from tests.waiting import wait_until

pytestmark = pytest.mark.embedded


def unseen() -> None:
    """The runs that wait have waited for so long that their messages must be lost."""
    Run.objects.filter(state__in=CLAIMABLE).update(ready_at=F("ready_at") - timedelta(minutes=1))


def test_a_run_that_is_started_is_done_by_its_message_alone(floor: Floor, northwind: Company) -> None:
    floor.hire()

    began = time.monotonic()
    start(northwind, 2, 5)
    wait_until(lambda: states() == {"succeeded"}, "they are done, and nobody swept")

    assert len(floor.lines()) == len(set(floor.lines())) == 10
    assert time.monotonic() - began < 20


@pytest.mark.chaos
def test_every_message_may_come_twice_and_more(floor: Floor, northwind: Company) -> None:
    runs = start(northwind, 3, 10)
    for _ in range(3):
        announce([run.pk for run in reversed(runs)], pool="io")
    floor.hire()
    floor.hire()

    floor.settle()

    assert states() == {"succeeded"}
    assert len(floor.lines()) == len(set(floor.lines())) == 30
    assert set(Run.objects.values_list("lease_epoch", flat=True)) == {1}


@pytest.mark.chaos
def test_a_queue_that_was_emptied_loses_none_of_a_hundred_runs(floor: Floor, northwind: Company) -> None:
    start(northwind, 1, 100)
    assert current_app.control.purge() > 0
    floor.hire()
    time.sleep(0.5)
    assert states() == {"queued"}, "nobody told the worker"
    unseen()

    floor.settle()

    assert states() == {"succeeded"}
    assert len(floor.lines()) == len(set(floor.lines())) == 100


def test_what_the_sweeper_says_again_and_again_does_not_pile_up(floor: Floor, northwind: Company) -> None:
    start(northwind, 1, 3)
    current_app.control.purge()
    unseen()

    for _ in range(5):
        assert sweep().nudged == 1

    # A broker may count late what it was sent a moment ago; five times as many would have piled up.
    assert NUDGES <= current_app.control.purge() < 3 * NUDGES


@pytest.mark.chaos
def test_a_broker_that_is_away_holds_no_start_up(floor: Floor, northwind: Company) -> None:
    floor.broker.stop()
    began = time.monotonic()
    runs = start(northwind, 2, 3)
    took = time.monotonic() - began
    assert [run.state for run in runs] == ["queued"] * 3
    floor.broker.ensure()
    unseen()
    floor.hire()

    floor.settle()

    assert states() == {"succeeded"}
    assert took < 10


@pytest.mark.chaos
def test_a_worker_outlives_its_broker_and_goes_on_when_it_is_back(floor: Floor, northwind: Company) -> None:
    worker = floor.hire(seconds=0.3)
    start(northwind, 4, 4)
    wait_until(lambda: len(floor.lines()) > 2, "some steps are on their way")
    floor.broker.stop()
    wait_until(lambda: "Connection to broker lost" in floor.words(worker), "the worker misses its broker")
    floor.broker.ensure()
    unseen()

    floor.settle()

    assert states() == {"succeeded"}
    assert Step.objects.count() == 16
    assert len(floor.lines()) == len(set(floor.lines())) == 16
    assert worker.poll() is None
