"""Messages are lost, doubled and late; the broker goes away and comes back."""

import time
from datetime import timedelta

import pytest
from celery import current_app
from django.db.models import F

from runs.durable.announce import announce
from runs.records.models import Run, Step
from tests.chaos.floor import Floor, start, states
from tests.factories.cast import Company
from tests.waiting import wait_until

pytestmark = pytest.mark.chaos


def forget_patience() -> None:
    """Let every run have waited for longer than a message is given."""
    Run.objects.update(ready_at=F("ready_at") - timedelta(minutes=1))


def test_every_message_doubled_changes_nothing(floor: Floor, northwind: Company) -> None:
    runs = start(northwind, 3, 10)
    for _ in range(3):
        announce([run.pk for run in reversed(runs)])
    floor.hire()
    floor.hire()

    floor.settle()
    announce([run.pk for run in runs])
    wait_until(floor.heard, "every message was looked at")

    assert states() == {"succeeded"}
    assert len(floor.lines()) == len(set(floor.lines())) == 30
    assert set(Run.objects.values_list("lease_epoch", flat=True)) == {1}


def test_a_broker_that_forgot_everything_loses_no_run(floor: Floor, northwind: Company) -> None:
    start(northwind, 2, 8)
    assert current_app.control.purge() > 0
    forget_patience()
    floor.hire()

    floor.settle()

    assert states() == {"succeeded"}
    assert len(floor.lines()) == 16


def test_runs_started_while_the_broker_was_down_are_executed_when_it_is_back(
    floor: Floor, northwind: Company
) -> None:
    floor.broker.stop()
    began = time.monotonic()
    runs = start(northwind, 2, 3)
    took = time.monotonic() - began
    assert [run.state for run in runs] == ["queued"] * 3
    floor.broker.ensure()
    forget_patience()
    floor.hire()

    floor.settle()

    assert states() == {"succeeded"}
    assert took < 10


def test_workers_outlive_a_broker_that_restarts(floor: Floor, northwind: Company) -> None:
    worker = floor.hire(seconds=0.2)
    start(northwind, 4, 4)
    floor.broker.stop()
    wait_until(lambda: "Connection to broker lost" in floor.words(worker), "the worker misses its broker")
    floor.broker.ensure()
    forget_patience()

    floor.settle()

    assert states() == {"succeeded"}
    assert Step.objects.count() == 16
    assert worker.poll() is None


def test_a_message_for_a_run_that_does_not_exist_is_dropped(floor: Floor, northwind: Company) -> None:
    worker = floor.hire()
    current_app.send_task("runs.durable.tasks.drive", args=["00000000-0000-0000-0000-000000000000"])
    current_app.send_task("runs.durable.tasks.drive", args=["not an identifier"])

    start(northwind, 1, 1)
    floor.settle()

    assert states() == {"succeeded"}
    assert worker.poll() is None
