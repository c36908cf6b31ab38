"""`manage.py worker`: what it says of itself, what it executes, and how it ends."""

import json
import signal
import tomllib

import psutil
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from portal.env import ROOT
from runs.artifacts.opening import bytes_of
from runs.durable.sweep import sweep
from runs.records.models import Run, Step
from runs.records.workers import Worker
from tests.chaos.floor import MOST_MEMORY, Floor, start
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, released
from tests.waiting import wait_until

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
STEP_SECONDS = 60.0
LEAVING = "a second signal ends it at once"  # what it says once it listens for one


def test_a_worker_announces_itself_and_says_when_it_leaves(floor: Floor) -> None:
    hired = floor.hire(concurrency=3)

    wait_until(Worker.objects.exists, "its row is there")
    row = Worker.objects.get()
    assert (row.pool, row.slots, row.forked, row.busy, row.left_at) == ("all", 3, False, 0, None)
    assert row.name.endswith(f":{hired.pid}")
    assert (len(row.functions_sha256), row.version) == (64, VERSION)
    assert row.functions > 2
    first = row.seen_at
    wait_until(lambda: Worker.objects.get().seen_at > first, "it says again that it is there")
    assert 20_000_000 < Worker.objects.get().memory < MOST_MEMORY

    hired.send_signal(signal.SIGTERM)

    assert hired.wait(timeout=60) == 0
    assert Worker.objects.get().left_at is not None


def test_a_second_signal_ends_it_at_once_and_gives_its_leases_back(floor: Floor, northwind: Company) -> None:
    hired = floor.hire(seconds=STEP_SECONDS, LEASE_SECONDS=str(STEP_SECONDS))
    [run] = start(northwind, 2, 1)
    wait_until(lambda: len(floor.lines()) == 1, "the first step is on its way")

    hired.send_signal(signal.SIGTERM)
    wait_until(lambda: LEAVING in floor.words(hired), "it has heard the first signal")
    assert hired.poll() is None, "the step in hand is finished first"
    hired.send_signal(signal.SIGTERM)

    assert hired.wait(timeout=STEP_SECONDS / 2) == 1, "it has not waited for its step"
    held = Run.objects.get(pk=run.pk)
    assert held.lease_until is not None
    assert held.lease_until < timezone.now()
    assert sweep().recovered == 1


@pytest.mark.slow
def test_what_computes_goes_to_processes_of_its_own(floor: Floor, northwind: Company) -> None:
    waiting = floor.hire(pool="io")
    computing = floor.hire(pool="cpu", concurrency=2)
    release = released(northwind, chain(1, function="computes@1"))

    run = begin(northwind, release)
    wait_until(lambda: Run.objects.get(pk=run.pk).state == "succeeded", "it is done")

    step = Step.objects.select_related("output").get(run=run)
    assert step.output is not None
    children = {child.pid for child in psutil.Process(computing.pid).children()}
    assert json.loads(bytes_of(step.output))["process"] in children
    assert psutil.Process(waiting.pid).children() == []
    assert len(set(Worker.objects.values_list("functions_sha256", flat=True))) == 1, "they can run the same"
    rows = {row.pool: (row.slots, row.forked) for row in Worker.objects.all()}
    assert rows == {"io": (4, False), "cpu": (2, True)}
    sizes = [psutil.Process(pid).memory_info().rss for pid in (waiting.pid, computing.pid, *children)]
    assert max(sizes) < MOST_MEMORY

    computing.send_signal(signal.SIGTERM)
    assert computing.wait(timeout=60) == 0
    assert not any(psutil.pid_exists(child) for child in children)


def test_a_second_signal_ends_what_computes_too(floor: Floor, northwind: Company) -> None:
    hired = floor.hire(pool="cpu", concurrency=1)
    children = psutil.Process(hired.pid).children()
    assert len(children) == 1

    children[0].suspend()  # it cannot end in order
    hired.send_signal(signal.SIGTERM)
    wait_until(lambda: LEAVING in floor.words(hired), "it has heard the first signal")
    hired.send_signal(signal.SIGTERM)

    assert hired.wait(timeout=30) == 1
    wait_until(lambda: not children[0].is_running() or children[0].status() == psutil.STATUS_ZOMBIE)


@pytest.mark.parametrize(
    "words",
    [["--pool", "cpu", "--threads", "2"], ["--pool", "io", "--processes", "2"], ["--threads", "0"]],
)
def test_what_makes_no_worker_is_refused(words: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("worker", *words)
