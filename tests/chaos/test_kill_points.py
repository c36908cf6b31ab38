"""kill -9 at exact points: before and in a step, around a commit, in a compensation, in a copy."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from governance.ledger.models import Event
from portal.env import ROOT
from runs.durable.announce import announce, announce_each
from runs.records.models import Run, Step
from tests.chaos.floor import Floor
from tests.chaos.flows import marks, step, undoable
from tests.chaos.locks import locked, somebody_waits
from tests.chaos.wire import wired
from tests.durable.scripts import graph
from tests.factories.cast import Company
from tests.factories.forks import fork_of
from tests.factories.runs import begin, released
from tests.harness.fresh import FreshDatabase
from tests.waiting import PATIENCE_SECONDS, wait_until

pytestmark = pytest.mark.chaos
FORK = """
import django; django.setup()
from governance.accounts.models import User
from runs.records.models import Run
from runs.replay.fork import fork_run
fork_run(Run.objects.get(), actor=User.objects.get(pk="{actor}"), position=2, reason="Once more.")
"""


def three(company: Company) -> Run:
    """A run of three steps."""
    return begin(company, released(company, graph(step("one"), step("two"), step("three"))), "run")


def again(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def test_between_the_claim_and_the_first_step(
    floor: Floor, northwind: Company, fresh_database: FreshDatabase
) -> None:
    run = three(northwind)
    with locked(fresh_database, "runs_run_input"):
        worker = floor.hire(concurrency=1)
        somebody_waits(fresh_database)
        floor.kill(worker)
    assert (again(run).state, again(run).lease_epoch, marks(floor.witness)) == ("running", 1, [])
    floor.hire()

    floor.settle()

    assert (again(run).state, marks(floor.witness)) == ("succeeded", ["one", "two", "three"])


def test_in_the_middle_of_a_step(floor: Floor, northwind: Company) -> None:
    floor.gates.close("before-two")
    worker = floor.hire()
    run = three(northwind)
    floor.gates.wait_for("before-two")
    floor.kill(worker)
    floor.gates.open("before-two")
    floor.hire()

    floor.settle()

    assert (again(run).state, marks(floor.witness)) == ("succeeded", ["one", "two", "three"])
    assert not Step.objects.exclude(attempt=1).exists(), "a worker that dies is no failed attempt"


def test_after_the_effect_and_before_its_commit(floor: Floor, northwind: Company) -> None:
    floor.gates.close("after-two")
    worker = floor.hire()
    run = three(northwind)
    floor.gates.wait_for("after-two")
    floor.kill(worker)
    assert again(run).position == 1
    floor.gates.open("after-two")
    floor.hire()

    floor.settle()

    assert again(run).state == "succeeded"
    assert marks(floor.witness) == ["one", "two", "two", "three"], "an idempotent step is repeated, once"


def test_an_unsafe_step_is_not_repeated_after_its_effect(floor: Floor, northwind: Company) -> None:
    unsafe = step("two", effect="unsafe", irreversible="The letter is in the post.")
    floor.gates.close("after-two")
    worker = floor.hire()
    run = begin(northwind, released(northwind, graph(step("one"), unsafe, step("three"))), "run")
    floor.gates.wait_for("after-two")
    floor.kill(worker)
    floor.gates.open("after-two")
    floor.hire()

    floor.settle()

    assert (again(run).state, marks(floor.witness)) == ("needs_review", ["one", "two"])


def test_while_the_commit_is_on_its_way(
    floor: Floor, northwind: Company, fresh_database: FreshDatabase
) -> None:
    """PostgreSQL has the statement, and executes it though nobody waits for the answer any more."""
    # Of a statement that is asked for the first time PostgreSQL may have its text alone; this one it knows.
    floor.gates.close("after-two")
    worker = floor.hire(concurrency=1)
    run = three(northwind)
    floor.gates.wait_for("after-two")
    with locked(fresh_database, "runs_step"):
        floor.gates.open("after-two")
        somebody_waits(fresh_database)
        floor.kill(worker)
    wait_until(lambda: again(run).position == 2, "the dead worker's commit has come through")
    floor.hire()

    floor.settle()

    assert (again(run).state, marks(floor.witness)) == ("succeeded", ["one", "two", "three"])


def test_after_the_last_commit_and_before_the_message_is_acknowledged(
    floor: Floor, northwind: Company
) -> None:
    with wired(floor.environment["DATABASE_URL"]) as (wire, address):
        wire.keep_answer_to(b'"node":"three"')
        worker = floor.hire(concurrency=1, DATABASE_URL=address)
        run = three(northwind)
        assert wire.kept.wait(PATIENCE_SECONDS), "the worker does not know of its last commit yet"
        floor.kill(worker)
    done = again(run)
    assert done.state == "succeeded"
    floor.hire()
    # As RabbitMQ does with what was not acknowledged; Valkey forgets what was taken.
    announce([run.pk], pool="io")
    announce_each([run.pk])
    wait_until(floor.heard, "the message came again")
    following = three(northwind)
    floor.settle()

    assert again(following).state == "succeeded"
    assert marks(floor.witness) == ["one", "two", "three"] * 2
    assert (again(run).lease_epoch, again(run).finished_at) == (done.lease_epoch, done.finished_at)


def test_the_outcome_of_a_commit_that_nobody_heard_of_is_looked_up(floor: Floor, northwind: Company) -> None:
    with wired(floor.environment["DATABASE_URL"]) as (wire, address):
        wire.keep_answer_to(b'"node":"two"', cut=True)
        worker = floor.hire(concurrency=1, DATABASE_URL=address)
        run = three(northwind)
        assert wire.kept.wait(PATIENCE_SECONDS), "the checkpoint is committed, and the connection broken"

        floor.settle()

        assert (again(run).state, again(run).lease_epoch) == ("succeeded", 1)
        assert marks(floor.witness) == ["one", "two", "three"]
        assert Step.objects.count() == 3
        assert worker.poll() is None


def test_of_the_parent_of_the_processes_that_compute(floor: Floor, northwind: Company) -> None:
    floor.gates.close("after-two")
    parent = floor.hire(pool="cpu", concurrency=1)
    [child] = psutil.Process(parent.pid).children()
    run = begin(northwind, released(northwind, graph(*(computing(key) for key in ("one", "two")))), "run")
    floor.gates.wait_for("after-two")
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, "the child ends")
    floor.gates.open("after-two")
    floor.hire(pool="cpu", concurrency=1)

    floor.settle()

    assert again(run).state == "succeeded"
    assert marks(floor.witness) == ["one", "two", "two"], (
        "what was in hand is repeated, not what was committed"
    )


def computing(key: str) -> dict[str, object]:
    """A step that goes to the processes for computing."""
    return {**step(key), "function": "effect_computed@1"}


def test_during_a_compensation(floor: Floor, northwind: Company) -> None:
    floor.gates.close("after-undo_one")
    worker = floor.hire()
    steps = graph(undoable("one"), undoable("two"), step("fails"))
    run = begin(northwind, released(northwind, steps), "run")
    floor.gates.wait_for("after-undo_one")
    assert again(run).state == "compensating"
    floor.kill(worker)
    floor.gates.open("after-undo_one")
    floor.hire()

    floor.settle()

    assert again(run).state == "compensated"
    assert marks(floor.witness) == ["one", "two", "fails", "undo_two", "undo_one", "undo_one"]
    undone = Step.objects.filter(run=run, state="succeeded").exclude(compensates=None)
    assert sorted(undone.values_list("node", flat=True)) == ["one", "two"]


def test_during_the_copy_of_a_fork(floor: Floor, northwind: Company, fresh_database: FreshDatabase) -> None:
    floor.hire()
    # What was done is not done again by a fork; what was not may be.
    steps = graph(step("one"), step("two"), step("fails"))
    run = begin(northwind, released(northwind, steps), "run")
    floor.settle()
    environment = {**floor.environment, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    with fresh_database.connect("owner") as owner, owner.transaction():
        owner.execute("LOCK TABLE runs_step IN SHARE MODE")  # it can be read, not written
        forking = subprocess.Popen(
            [sys.executable, "-c", FORK.format(actor=northwind.operator.pk)], cwd=ROOT, env=environment
        )
        somebody_waits(fresh_database)
        forking.kill()
        forking.wait()
    with fresh_database.connect() as looker:
        others = (
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'"
            " AND pid <> pg_backend_pid()"
        )
        wait_until(lambda: looker.execute(others).rowcount == 0, "its connection has ended")
    assert list(Run.objects.all()) == [run], "no half of a fork is left"
    assert not Event.objects.exclude(run=run.pk).filter(run__isnull=False).exists()

    fork = fork_of(run, actor=northwind.operator, position=2, reason="Once more.")
    announce([fork.pk], pool="io")
    floor.settle()

    assert again(fork).state == "failed"
    assert marks(floor.witness) == ["one", "two", "fails", "fails"]
