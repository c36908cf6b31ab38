"""Workers are killed, stopped and told to leave in the middle of their work."""

import signal
import time

import pytest

from governance.ledger.models import Event
from runs.durable.claim import MOST_RECOVERIES
from runs.records.models import Run, Step
from tests.chaos.floor import Floor, start, states
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, released
from tests.waiting import wait_until


def committed_lines() -> set[str]:
    """What the witness file says, once each, of the steps that are committed by now."""
    return {f"{step.node} {step.run.reference}" for step in Step.objects.select_related("run")}


@pytest.mark.chaos
def test_every_run_ends_although_its_worker_is_killed_three_times(floor: Floor, northwind: Company) -> None:
    worker = floor.hire(seconds=0.25)
    start(northwind, 4, 12)
    committed: set[str] = set()
    for _ in range(3):
        enough = Step.objects.count() + 3
        wait_until(lambda enough=enough: Step.objects.count() >= enough, "some more steps are committed")  # type: ignore[misc]
        floor.kill(worker)
        committed |= committed_lines()
        worker = floor.hire(seconds=0.25)

    floor.settle()

    assert states() == {"succeeded"}
    assert Step.objects.count() == 12 * 4
    assert not Step.objects.exclude(attempt=1).exists()
    assert not committed & set(floor.doubled())
    # Only what was in flight when the worker died, at most four steps each time, was executed again.
    assert 12 * 4 <= len(floor.lines()) <= 12 * 4 + 3 * 4
    assert Event.objects.filter(kind="run.recovered").exists()
    assert Event.objects.filter(kind="step.succeeded").count() == 12 * 4


def test_no_line_of_a_committed_step_is_doubled(floor: Floor, northwind: Company) -> None:
    worker = floor.hire(seconds=0.2)
    start(northwind, 5, 4)
    wait_until(lambda: Step.objects.count() >= 6, "some steps are committed")
    floor.kill(worker)
    committed = committed_lines()
    floor.hire()

    floor.settle()

    assert states() == {"succeeded"}
    assert not committed & set(floor.doubled())
    assert set(floor.lines()) == {f"step_{step} run-{run}" for step in range(5) for run in range(4)}


@pytest.mark.chaos
def test_workers_that_are_asked_to_leave_hand_their_runs_over(floor: Floor, northwind: Company) -> None:
    first, second = floor.hire(seconds=0.05), floor.hire(seconds=0.05)
    start(northwind, 5, 200)
    left_after, successors = [], []
    for leaver in (first, second):
        enough = Step.objects.count() + 50
        wait_until(lambda enough=enough: Step.objects.count() >= enough, "some steps are committed")  # type: ignore[misc]
        leaver.send_signal(signal.SIGTERM)
        began = time.monotonic()
        successors.append(floor.hire(seconds=0.05, ready=False))
        assert leaver.wait(timeout=15) == 0
        left_after.append(time.monotonic() - began)
    floor.settle()

    assert states() == {"succeeded"}
    assert max(left_after) < 5
    assert len(floor.lines()) == 200 * 5, "no step was lost, and none repeated"
    assert not Event.objects.filter(kind="run.recovered").exists(), "nobody waited for a lease"
    assert [worker.poll() for worker in successors] == [None, None]


@pytest.mark.chaos
def test_a_run_that_kills_every_worker_is_stopped_and_others_go_on(floor: Floor, northwind: Company) -> None:
    poison = begin(northwind, released(northwind, chain(1, function="dies@1")))
    floor.hire()

    def stopped() -> bool:
        from runs.durable.sweep import sweep

        sweep()
        if all(worker.poll() is not None for worker in floor.workers):
            floor.hire()
        return Run.objects.get(pk=poison.pk).state == "quarantined"

    wait_until(stopped, "the run is stopped", every=0.2)
    [healthy] = start(northwind, 1, 1)
    floor.settle()

    run = Run.objects.get(pk=poison.pk)
    assert run.error is not None
    assert (run.error.code, run.recoveries) == ("recovered_too_often", MOST_RECOVERIES)
    assert Run.objects.get(pk=healthy.pk).state == "succeeded"
