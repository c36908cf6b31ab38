"""What succeeded within a step that ran workflows is undone when the whole is, the last first."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from governance.ledger.models import Event
from runs.durable.cancel import cancel_run
from runs.durable.drive import drive
from runs.durable.parts import all_ended
from runs.durable.resume import resume_run
from runs.durable.retry_compensation import retry_compensation
from runs.durable.retry_now import may_retry_now
from runs.durable.sweep import sweep
from runs.durable.why import why_not_moving
from runs.records.models import Run
from runs.replay.verify import verify_run
from tests.durable.running import for_each, within
from tests.durable.scripts import call, calling, graph, marks, script, undoable
from tests.durable.turning import again, lapse, settle, work
from tests.factories.cast import Company
from tests.factories.runs import begin, released
from tests.harness.fresh import FreshDatabase

BOOM = RuntimeError("no ink")
PAUSE = {"kind": "timer", "key": "pause", "seconds": 3600}


def started(company: Company, *nodes: dict[str, Any]) -> Run:
    """A run of these nodes."""
    return begin(company, released(company, graph(*nodes)))


def states(**where: Any) -> list[str]:
    """The states of such runs, the oldest first."""
    return list(Run.objects.filter(**where).order_by("id").values_list("state", flat=True))


def test_a_workflow_that_succeeded_undoes_what_it_did_when_its_whole_fails(northwind: Company) -> None:
    sub = within(northwind, undoable("one"), undoable("two"))
    run = started(northwind, undoable("a"), {"key": "sub", **sub}, undoable("b"), call("last"))

    with script(last=[BOOM]):
        done = settle(run)
        assert marks() == ["a", "one", "two", "b", "last", "undo_b", "undo_two", "undo_one", "undo_a"]

    assert (done.state, states(parent=run)) == ("compensated", ["compensated"])
    assert "What it had done has been undone" in why_not_moving(done)
    undone = run.steps.exclude(compensates=None).order_by("position")
    assert [(step.node, step.compensates, step.state) for step in undone] == [
        ("b", 2, "succeeded"), ("sub", 1, "succeeded"), ("a", 0, "succeeded"),
    ]  # fmt: skip
    part = Run.objects.get(parent=run)
    assert "Undone with the run that it is a part of" in why_not_moving(part)
    assert verify_run(done, actor=northwind.auditor).holds


def test_workflows_of_workflows_are_undone_from_within(northwind: Company) -> None:
    inner = {"key": "inner", **within(northwind, undoable("deep"))}
    sub = within(northwind, undoable("one"), inner, undoable("two"))
    run = started(northwind, {"key": "sub", **sub}, call("last"))

    with script(last=[BOOM]):
        assert settle(run).state == "compensated"
        assert marks() == ["one", "deep", "two", "last", "undo_two", "undo_deep", "undo_one"]


@pytest.mark.parametrize("at_once", [1, 3])
def test_when_an_item_fails_what_was_done_for_the_others_is_undone(northwind: Company, at_once: int) -> None:
    run = started(northwind, *for_each(northwind, undoable("pay"), call("x"), at_once=at_once), call("end"))

    with script(x=[None, BOOM]):
        done = settle(run)
        expected = 2 if at_once == 1 else 3
        assert (marks().count("pay"), marks().count("undo_pay")) == (expected, expected)
        assert "end" not in marks()

    assert (done.state, set(states(parent__parent=run))) == ("compensated", {"compensated"})


def test_what_was_done_for_all_items_is_undone_when_a_later_step_fails(northwind: Company) -> None:
    run = started(northwind, *for_each(northwind, undoable("pay"), at_once=2), call("end"))

    with script(end=[BOOM]):
        done = settle(run)
        assert marks().count("undo_pay") == 3

    assert (done.state, set(states(parent=run))) == ("compensated", {"compensated"})
    assert verify_run(done, actor=northwind.auditor).holds


def test_cancelling_undoes_what_was_done_for_items(northwind: Company) -> None:
    run = started(northwind, *for_each(northwind, undoable("pay"), at_once=1), PAUSE, call("end"))
    with script():
        for _ in range(8):
            work()
        assert again(run).waits_for == "timer"

        cancel_run(again(run), actor=northwind.operator, reason="Wrong letter.")

        assert settle(run).state == "compensated"
        assert marks() == ["pay"] * 3 + ["undo_pay"] * 3


def test_cancelling_in_the_middle_of_the_items_undoes_those_that_are_done(northwind: Company) -> None:
    each = [undoable("pay"), PAUSE]
    run = started(northwind, *for_each(northwind, *each, at_once=1), call("end"))
    with script():
        for _ in range(4):
            work()
        Run.objects.filter(waits_for="timer").update(wake_at="2020-01-01T00:00:00Z")
        first = Run.objects.filter(parent__parent=run).get()
        Run.objects.filter(pk=first.pk).update(state="ready")
        for _ in range(4):
            work()
        assert states(parent__parent=run) == ["succeeded", "waiting"]

        cancel_run(again(run), actor=northwind.operator, reason="Wrong letter.")

        assert settle(run).state == "cancelled", "of itself it had nothing to undo"
        assert marks() == ["pay", "pay", "undo_pay", "undo_pay"]
    assert states(parent=run) == ["compensated"]
    assert states(parent__parent=run) == ["compensated", "compensated"]


def test_what_a_workflow_could_not_undo_is_its_wholes_trouble_and_is_tried_again(northwind: Company) -> None:
    hard = undoable("pay") | {"compensate": calling("undo_pay", retry={"attempts": 1})}
    sub = within(northwind, hard)
    run = started(northwind, undoable("a"), {"key": "sub", **sub}, call("last"))

    with script(last=[BOOM], undo_pay=[BOOM]):
        stuck = settle(run)
        assert (stuck.state, states(parent=run)) == ("compensation_failed", ["compensation_failed"])
        assert marks() == ["a", "pay", "last", "undo_pay", "undo_a"], "the others are undone all the same"
        assert stuck.error is not None
        assert "“sub”" in stuck.error.detail

        retry_compensation(stuck, actor=northwind.operator)

        assert settle(run).state == "compensated"
        assert marks()[-1] == "undo_pay"
    assert states(parent=run) == ["compensated"]


def test_one_that_failed_before_it_did_anything_leaves_its_whole_to_be_resumed(northwind: Company) -> None:
    run = started(northwind, {"key": "sub", **within(northwind, undoable("one"))}, call("last"))

    with script(one=[BOOM]):
        stopped = settle(run)
        assert stopped.state == "failed"
        resume_run(stopped, actor=northwind.operator, reason="It is mended.")
        assert settle(run).state == "succeeded"


def test_what_succeeded_is_undone_with_its_whole_alone(northwind: Company) -> None:
    run = started(northwind, {"key": "sub", **within(northwind, undoable("one"))}, call("last"))
    with script():
        assert settle(run).state == "succeeded"

    for each in (run, Run.objects.get(parent=run)):
        with pytest.raises(IntegrityError, match="only with the run"), transaction.atomic():
            Run.objects.filter(pk=each.pk).update(state="compensating")


def looks(run: Run) -> int:
    """How often a worker has taken the run up."""
    return Event.objects.of_run(run.pk).filter(kind="run.claimed").count()


def sent_back(company: Company, *nodes: dict[str, Any]) -> Run:
    """A run whose last step failed, and whose parts are to undo what they did."""
    run = started(company, *nodes, call("last"))
    while again(run).state != "compensating":
        assert work()
    lapse(run)
    drive(run.pk, worker="test")
    assert set(states(parent=run)) == {"compensating"}
    return again(run)


def test_a_whole_is_looked_at_when_its_part_has_undone_what_it_did_and_not_before(northwind: Company) -> None:
    hard = undoable("pay") | {"compensate": calling("undo_pay", retry={"attempts": 3, "first_delay_ms": 1})}
    with script(last=[BOOM], undo_pay=[BOOM, BOOM]):
        run = sent_back(northwind, {"key": "sub", **within(northwind, hard)})
        before, part = looks(run), Run.objects.get(parent=run)
        assert "What “sub” did is undone by its parts: 1 of them has not ended." in why_not_moving(run)
        assert not may_retry_now(run)

        for _ in range(3):
            lapse(part)
            sweep()
            assert again(run).wake_at == run.wake_at
            assert not drive(run.pk, worker="test"), "nobody looks meanwhile"
            assert drive(part.pk, worker="test")

        assert (again(part).state, again(run).state) == ("compensated", "compensating")
        assert "its parts: all have ended" in why_not_moving(again(run))
        assert drive(run.pk, worker="test"), "its time has come with the commit of its part"
        assert again(run).state == "compensated"
        assert looks(run) == before + 1


def test_of_parts_that_end_at_once_the_last_wakes_the_whole(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    for _ in range(4):
        with script(last=[BOOM]):
            run = sent_back(northwind, *for_each(northwind, undoable("pay"), at_once=3))
            while not (under_way := Run.objects.filter(parent__parent=run, state="compensating")):
                for each in Run.objects.filter(parent=run):
                    drive(each.pk, worker="test")
            for part in under_way:
                drive(part.pk, worker="test")
            slices, before = list(Run.objects.filter(parent=run)), looks(run)
            assert [each.state for each in slices] == ["compensating"] * 3

            answers = fresh_database.at_once(
                *(lambda pk=each.pk: drive(pk, worker="test") for each in slices)
            )

            assert answers == [True] * 3
            assert drive(run.pk, worker="test")
            assert (again(run).state, looks(run)) == ("compensated", before + 1)


def test_a_part_that_ends_while_its_whole_is_about_to_sleep_is_seen(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    with script(last=[BOOM]):
        run = sent_back(northwind, {"key": "sub", **within(northwind, undoable("pay"))})
        part = Run.objects.get(parent=run)

        def ending(parts: Any) -> bool:
            before = all_ended(parts)
            fresh_database.at_once(lambda: drive(part.pk, worker="test"))
            return before

        monkeypatch.setattr("runs.durable.undoing_parts.all_ended", ending)
        lapse(run)
        assert drive(run.pk, worker="test")

        assert (again(part).state, again(run).state) == ("compensated", "compensated")
