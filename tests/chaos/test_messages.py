"""Messages are lost, doubled and late; the broker goes away and comes back."""

import time
from datetime import timedelta

import pytest
from celery import current_app
from django.db.models import F

from runs.durable.announce import announce, announce_each
from runs.records.models import Run, Step
from tests.api.callers import by_token
from tests.chaos.floor import Floor, start, states
from tests.factories.cast import Company
from tests.factories.runs import LETTER, chain, released
from tests.waiting import wait_until

pytestmark = pytest.mark.chaos


def forget_patience() -> None:
    """Let every run have waited for longer than a message is given."""
    Run.objects.update(ready_at=F("ready_at") - timedelta(minutes=1))


def test_every_message_doubled_changes_nothing(floor: Floor, northwind: Company) -> None:
    runs = start(northwind, 3, 10)
    for _ in range(3):
        announce([run.pk for run in reversed(runs)], pool="io")
    floor.hire()
    floor.hire()

    floor.settle()
    announce([run.pk for run in runs], pool="io")
    wait_until(floor.heard, "every message was looked at")

    assert states() == {"succeeded"}
    assert len(floor.lines()) == len(set(floor.lines())) == 30
    assert set(Run.objects.values_list("lease_epoch", flat=True)) == {1}


def test_a_broker_that_forgot_everything_loses_no_run(floor: Floor, northwind: Company) -> None:
    start(northwind, 2, 500)
    floor.flush()
    forget_patience()
    floor.hire()
    floor.watch()

    floor.settle()

    assert states() == {"succeeded"}
    assert len(floor.lines()) == len(set(floor.lines())) == 1000


def test_messages_that_come_hours_late_and_out_of_order_change_nothing(
    floor: Floor, northwind: Company
) -> None:
    start(northwind, 2, 20)
    delayed = floor.steal()
    forget_patience()
    floor.hire()
    floor.settle()
    assert states() == {"succeeded"}
    ended = dict(Run.objects.values_list("pk", "finished_at"))

    floor.give_back([*delayed[::-1], *delayed] * 10)
    announce_each(list(ended))
    wait_until(floor.heard, "every message was looked at")
    start(northwind, 2, 1)
    floor.settle()

    assert delayed
    assert dict(Run.objects.filter(pk__in=ended).values_list("pk", "finished_at")) == ended
    assert len(floor.lines()) == 42
    assert set(Run.objects.values_list("lease_epoch", flat=True)) == {1}


def test_runs_started_while_the_broker_was_down_are_executed_when_it_is_back(
    floor: Floor, northwind: Company
) -> None:
    operator, workflow = by_token(northwind.operator, northwind), released(northwind, chain(2)).workflow
    place = {"workflow": f"{northwind.project.slug}/{workflow.slug}", "environment": "development"}
    body = {**place, "inputs": {"letter": LETTER}}
    floor.broker.stop()
    began = time.monotonic()
    runs = start(northwind, 2, 3)
    answer = operator.post("runs/", body, headers={"Idempotency-Key": "once"})
    took = time.monotonic() - began
    assert [run.state for run in runs] == ["queued"] * 3
    assert (answer.status_code, answer.json()["state"]) == (201, "queued")
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
