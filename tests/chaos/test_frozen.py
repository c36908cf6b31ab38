"""SIGSTOP for longer than a lease, then SIGCONT: the worker that wakes up does no harm."""

import os
import signal
import time

import pytest
from django.db.models.functions import Now

from governance.ledger.models import Event
from runs.records.models import Run, Step
from tests.chaos.floor import LEASE_SECONDS, Floor, start
from tests.chaos.flows import marks, step
from tests.chaos.locks import locked, somebody_waits
from tests.durable.scripts import graph
from tests.factories.cast import Company
from tests.factories.runs import begin, released
from tests.harness.fresh import FreshDatabase
from tests.waiting import wait_until


def test_a_worker_that_was_frozen_before_a_step_does_not_begin_it(
    floor: Floor, northwind: Company, fresh_database: FreshDatabase
) -> None:
    content = graph(step("one"), step("two"), step("three"))
    run = begin(northwind, released(northwind, content), "run")
    with locked(fresh_database, "runs_run_input"):
        frozen = floor.hire(concurrency=1)
        somebody_waits(fresh_database)
        os.killpg(frozen.pid, signal.SIGSTOP)
    time.sleep(2 * LEASE_SECONDS)
    floor.hire()
    floor.settle()

    os.killpg(frozen.pid, signal.SIGCONT)
    wait_until(lambda: "the result is thrown away" in floor.words(frozen), "it sees that the run is lost")

    assert (Run.objects.get(pk=run.pk).state, marks(floor.witness)) == ("succeeded", ["one", "two", "three"])
    assert frozen.poll() is None


@pytest.mark.chaos
def test_a_worker_that_was_frozen_past_its_lease_commits_nothing(floor: Floor, northwind: Company) -> None:
    frozen = floor.hire(seconds=1.0, concurrency=1)
    [run] = start(northwind, 3, 1)
    wait_until(lambda: len(floor.lines()) == 1, "the first step is on its way")
    os.killpg(frozen.pid, signal.SIGSTOP)
    lost = Run.objects.filter(pk=run.pk, lease_until__lt=Now())
    wait_until(lost.exists, "its lease is over")
    time.sleep(LEASE_SECONDS)
    floor.hire()
    floor.settle()
    done = Run.objects.get(pk=run.pk)

    os.killpg(frozen.pid, signal.SIGCONT)
    wait_until(lambda: "the result is thrown away" in floor.words(frozen), "its checkpoint was refused")

    after = Run.objects.get(pk=run.pk)
    assert (done.state, after.state) == ("succeeded", "succeeded")
    assert (after.lease_epoch, after.position, after.finished_at) == (
        done.lease_epoch, 3, done.finished_at,
    )  # fmt: skip
    assert Step.objects.count() == 3
    assert Event.objects.of_run(run.pk).filter(kind="step.succeeded").count() == 3
    assert frozen.poll() is None
