"""A step that runs another workflow as a run of its own."""

from typing import Any

import pytest

from governance.errors import WrongState
from governance.ledger.models import Event
from runs.artifacts.opening import bytes_of
from runs.durable.cancel import cancel_run
from runs.durable.drive import drive
from runs.durable.pause import pause_run
from runs.durable.resume import resume_run
from runs.durable.wake import wake
from runs.records.models import Run
from tests.durable.scripts import call, calling, graph, marks, script, undoable
from tests.durable.turning import again, settle, work
from tests.factories.cast import Company
from tests.factories.runs import begin, finish, released
from tests.factories.things import make_version, pin

BOOM = RuntimeError("no ink")


def started(company: Company, *inner: dict[str, Any], before: bool = False, **more: Any) -> Run:
    """A run with a step that runs a workflow of these nodes, and a step after it."""
    version = make_version(company, "workflow", graph(*inner))
    node = {"kind": "subrun", "key": "sub", "workflow": pin(version), "inputs": {"letter": "$letter"}, **more}
    ahead = [undoable("ahead")] if before else []
    return begin(company, released(company, graph(*ahead, node, call("after", text="sub"))))


def part_of(run: Run) -> Run:
    """The latest run that the step has begun."""
    return Run.objects.filter(parent=run).order_by("-id")[0]


def test_it_is_handed_the_steps_inputs_and_its_output_is_the_steps(northwind: Company) -> None:
    run = started(northwind, call("one"), call("two", text="one.text"))

    with script() as called:
        done = settle(run)

        assert marks() == ["one", "two", "after"]
        assert called[-1][1] == {"text": "Dear bank, you charged my card twice.", "mark": "two"}
    part = part_of(run)
    assert (done.state, part.state, part.origin) == ("succeeded", "succeeded", "subrun")
    assert part.output is not None
    step = done.steps.get(node="sub")
    assert (step.kind, step.output_id, step.facts["run"]) == ("subrun", part.output_id, str(part.pk))
    [given] = part.inputs.all()
    assert bytes_of(given.artifact) == b"Dear bank, you charged my card twice."
    assert (part.release_id, part.approvals, part.reference) == (run.release_id, run.approvals, run.reference)
    assert part.version_id != run.version_id
    assert set(Run.objects.whole()) == {done}


def test_the_whole_waits_without_a_worker_and_is_woken_by_the_end(northwind: Company) -> None:
    run = started(northwind, {"kind": "timer", "key": "pause", "seconds": 3600}, call("one"))
    work()

    waiting = again(run)
    assert (waiting.state, waiting.waits_for, waiting.wake_at) == ("waiting", "parts", None)
    assert part_of(run).state == "waiting"
    [event] = Event.objects.of_run(part_of(run).pk).filter(kind="run.started")
    assert (event.details["parent"], event.details["node"]) == (str(run.pk), "sub")
    assert settle(run).state == "succeeded"
    assert Run.objects.filter(parent=run).count() == 1, "looking again begins no other"


def test_its_failure_is_the_steps_and_resuming_the_whole_resumes_it(northwind: Company) -> None:
    run = started(northwind, call("one"), call("two"))
    with script(two=[BOOM]):
        stopped = settle(run)

        part = part_of(run)
        assert (stopped.state, part.state) == ("failed", "failed")
        assert stopped.error is not None
        assert (stopped.error.code, stopped.error.node) == ("subrun_failed", "sub")
        assert "The function failed" in stopped.error.detail
        with pytest.raises(WrongState, match="part of another"):
            resume_run(part, actor=northwind.operator, reason="It is mended.")

        resume_run(stopped, actor=northwind.operator, reason="It is mended.")

        assert settle(run).state == "succeeded"
        assert marks() == ["one", "two", "two", "after"], "what it had committed is not repeated"
    assert Run.objects.filter(parent=run).count() == 1


def test_a_resumed_one_that_fails_again_stops_the_whole_again(northwind: Company) -> None:
    run = started(northwind, call("one"))
    with script(one=[BOOM, BOOM]):
        resume_run(settle(run), actor=northwind.operator, reason="It is mended.")

        stopped = settle(run)

        assert (stopped.state, marks()) == ("failed", ["one", "one"])
        resume_run(stopped, actor=northwind.operator, reason="It is mended.")
        assert settle(run).state == "succeeded"
    assert Run.objects.filter(parent=run).count() == 1


def test_another_attempt_at_the_step_goes_on_where_the_workflow_stopped(northwind: Company) -> None:
    run = started(northwind, call("one"), call("two"), retry={"attempts": 2, "first_delay_ms": 60_000})

    with script(two=[BOOM]):
        done = settle(run)
        assert marks() == ["one", "two", "two", "after"]

    assert done.state == "succeeded"
    assert [part.state for part in Run.objects.filter(parent=run)] == ["succeeded"]
    assert [(step.attempt, step.state) for step in run.steps.filter(node="sub")] == [
        (1, "failed"), (2, "succeeded"),
    ]  # fmt: skip


def test_another_attempt_runs_what_has_undone_itself_anew(northwind: Company) -> None:
    run = started(northwind, undoable("one"), call("two"), retry={"attempts": 2, "first_delay_ms": 60_000})

    with script(two=[BOOM]):
        assert settle(run).state == "succeeded"
        assert marks() == ["one", "two", "undo_one", "one", "two", "after"]

    parts = Run.objects.filter(parent=run).order_by("id")
    assert [part.state for part in parts] == ["compensated", "succeeded"]


@pytest.mark.parametrize("deep", [False, True])
def test_no_attempt_at_the_step_repeats_what_is_unsafe(northwind: Company, *, deep: bool) -> None:
    retry: dict[str, Any] = {"retry": {"attempts": 3, "first_delay_ms": 60_000}}
    unsafe = {"effect": "unsafe", "irreversible": "The money is gone."}
    inner = [call("pay", **unsafe), call("two")]
    if deep:
        version = make_version(northwind, "workflow", graph(*inner))
        node = {"kind": "subrun", "key": "deep", "workflow": pin(version), "inputs": {"letter": "$letter"}}
        inner = [{**node, **retry}]
    run = started(northwind, *inner, **retry)

    with script(two=[BOOM]):
        assert settle(run).state == "succeeded"
        assert marks() == ["pay", "two", "two", "after"]
    with script(pay=[BOOM]):
        other = settle(begin(northwind, run.release))
        assert (other.state, marks()) == ("failed", ["pay"])
        resume_run(other, actor=northwind.operator, reason="It is mended.")  # a person may have it attempted
        assert settle(other).state == "succeeded"
        assert marks() == ["pay", "pay", "two", "after"]


def test_resuming_lets_the_one_that_stopped_go_on(northwind: Company) -> None:
    run = started(northwind, call("one"), retry={"attempts": 2, "first_delay_ms": 60_000})

    with script(one=[BOOM, BOOM]):
        stopped = settle(run)
        assert (stopped.state, marks()) == ("failed", ["one", "one"])
        resume_run(stopped, actor=northwind.operator, reason="It is mended.")
        assert settle(run).state == "succeeded"
        assert marks() == ["one", "one", "one", "after"]

    assert [part.state for part in Run.objects.filter(parent=run)] == ["succeeded"]


def test_one_that_has_undone_itself_is_begun_anew_when_the_whole_is_resumed(northwind: Company) -> None:
    run = started(northwind, undoable("one"), call("two"))

    with script(two=[BOOM]):
        stopped = settle(run)
        assert (stopped.state, part_of(run).state) == ("failed", "compensated")
        resume_run(stopped, actor=northwind.operator, reason="It is mended.")
        assert settle(run).state == "succeeded"
        assert marks() == ["one", "two", "undo_one", "one", "two", "after"]


def test_its_failure_undoes_what_the_whole_did_before(northwind: Company) -> None:
    run = started(northwind, call("one"), before=True)

    with script(one=[BOOM]):
        assert settle(run).state == "compensated"
        assert marks() == ["ahead", "one", "undo_ahead"]


def test_cancelling_the_whole_undoes_what_its_part_did_and_then_what_itself_did(northwind: Company) -> None:
    run = started(
        northwind,
        undoable("one"),
        {"kind": "timer", "key": "pause", "seconds": 3600},
        call("two"),
        before=True,
    )
    work()
    assert part_of(run).waits_for == "timer"

    cancel_run(again(run), actor=northwind.operator, reason="Wrong letter.")

    assert (again(run).state, part_of(run).state) == ("waiting", "compensating")
    with script():
        assert settle(run).state == "compensated"
        assert marks() == ["undo_one", "undo_ahead"]
    part = part_of(run)
    assert part.state == "compensated"
    assert part.error is not None
    assert part.error.detail == "Wrong letter."


def test_a_part_is_not_cancelled_by_itself(northwind: Company) -> None:
    run = started(northwind, call("one"))
    drive(run.pk, worker="w")

    with pytest.raises(WrongState, match="part of another"):
        cancel_run(part_of(run), actor=northwind.operator, reason="x")


def test_a_whole_that_is_cancelled_undoes_nothing_before_its_part_has_ended(northwind: Company) -> None:
    run = started(northwind, undoable("one"), call("two"), before=True)
    seen: list[Run] = []

    def cancel() -> None:
        cancel_run(again(run), actor=northwind.operator, reason="Wrong letter.")
        seen.extend([part_of(run), again(run)])
        wake([run.pk])  # whatever else comes to it
        drive(run.pk, worker="another")
        seen.append(again(run))

    with script(one=[cancel]):
        assert settle(run).state == "compensated"
        assert marks() == ["ahead", "one", "undo_one", "undo_ahead"]
    part, *before = seen
    assert (part.state, part.asked) == ("running", "cancel")
    assert [(each.state, each.asked, each.waits_for) for each in before] == [
        ("waiting", "cancel", "parts")
    ] * 2


def test_a_paused_whole_that_is_cancelled_waits_for_its_part(northwind: Company) -> None:
    run = started(northwind, undoable("one"), call("two"), before=True)

    def cancel() -> None:
        pause_run(again(run), actor=northwind.operator, reason="Hold on.")
        assert again(run).state == "paused"
        cancel_run(again(run), actor=northwind.operator, reason="Wrong letter.")

    with script(one=[cancel]):
        assert settle(run).state == "compensated"
        assert marks() == ["ahead", "one", "undo_one", "undo_ahead"]


def test_what_it_does_not_take_stops_the_step_in_words(northwind: Company) -> None:
    inner = graph(call("one"))
    inner["inputs"][0]["max_bytes"] = 5
    version = make_version(northwind, "workflow", inner)
    node = {"kind": "subrun", "key": "sub", "workflow": pin(version), "inputs": {"letter": "$letter"}}

    stopped = finish(begin(northwind, released(northwind, graph(node))))

    assert stopped.error is not None
    assert (stopped.state, stopped.error.code) == ("failed", "input_refused")
    assert not Run.objects.filter(parent=stopped).exists()


def test_a_workflow_is_run_for_each_item_of_a_list(northwind: Company) -> None:
    version = make_version(northwind, "workflow", graph(call("one")))
    each = {"kind": "subrun", "workflow": pin(version), "inputs": {"letter": "@item"}}
    node = {"kind": "map", "key": "all", "over": "$letter", "each": each, "at_once": 2}
    run = begin(northwind, released(northwind, graph(node, media_type="application/json")), '["a", "b", "c"]')

    done = settle(run)

    assert done.state == "succeeded", done.error
    assert done.output is not None
    assert bytes_of(done.output).count(b'"mark":"one"') == 3
    assert Run.objects.filter(parent__parent=run).count() == 3


def test_the_undoing_of_a_step_that_ran_a_workflow_is_the_wholes(northwind: Company) -> None:
    run = started(northwind, call("one"), compensate=calling("undo_sub"), effect="idempotent")

    with script(after=[BOOM]):
        assert settle(run).state == "compensated"
        assert marks() == ["one", "after", "undo_sub"]


def test_its_output_is_as_protected_as_it_was_within(northwind: Company) -> None:
    run = started(northwind, call("one", classification="personal"))

    with script():
        done = settle(run)

    levels = dict(done.steps.values_list("node", "classification"))
    assert levels == {"sub": "personal", "after": "personal"}
