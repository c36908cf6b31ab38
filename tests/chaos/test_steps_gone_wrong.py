"""Steps that come too late or yield what cannot be recorded, in real workers."""

import pytest

from runs.artifacts.opening import bytes_of
from runs.records.models import Run, Step
from tests.chaos.floor import Floor
from tests.chaos.flows import marks
from tests.durable.scripts import graph
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, released
from tests.waiting import wait_until

pytestmark = pytest.mark.chaos
UNFIT = ["nul", "surrogate", "fraction", "object", "large", "cycle", "raise"]


def test_a_result_that_comes_after_the_steps_time_is_thrown_away(floor: Floor, northwind: Company) -> None:
    dawdling = {
        "kind": "function",
        "key": "slow",
        "function": "dawdles@1",
        "effect": "idempotent",
        "inputs": {"text": "$letter"},
        "settings": {"seconds": "3"},
        "timeout_s": 1,
        "retry": {"attempts": 3, "first_delay_ms": 0},
    }
    worker = floor.hire(concurrency=1)
    run = begin(northwind, released(northwind, graph(dawdling)), "run")

    floor.settle()
    wait_until(lambda: "returned after its time was over" in floor.words(worker), "the late one has returned")

    tried = Step.objects.filter(run=run).order_by("attempt")
    assert [(step.state, step.error.code if step.error else "") for step in tried] == [
        ("failed", "timed_out"), ("succeeded", ""),
    ]  # fmt: skip
    assert marks(floor.witness) == ["began", "began", "ended", "ended"]
    assert b'"first":false' in bytes_of(Step.objects.get(run=run, state="succeeded").output)  # type: ignore[arg-type]
    assert Run.objects.get(pk=run.pk).state == "succeeded"


def test_what_cannot_be_recorded_fails_its_run_alone(floor: Floor, northwind: Company) -> None:
    worker = floor.hire()
    runs = {
        what: begin(northwind, released(northwind, chain(1, function="returns@1", what=what)))
        for what in [*UNFIT, "plain"]
    }

    floor.settle()

    states = {what: Run.objects.get(pk=run.pk) for what, run in runs.items()}
    assert {what: run.state for what, run in states.items()} == {
        **dict.fromkeys(UNFIT, "failed"),
        "plain": "succeeded",
    }
    codes = {what: run.error.code for what, run in states.items() if run.error}
    assert codes == {**dict.fromkeys(UNFIT, "output_refused"), "raise": "function_failed"}
    assert worker.poll() is None
