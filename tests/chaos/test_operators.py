"""What operators ask at awkward moments, of real workers: cancelling, pausing, releasing meanwhile."""

from contextlib import suppress

import pytest

from governance.errors import WrongState
from runs.durable.cancel import cancel_run
from runs.durable.pause import continue_run, pause_run
from runs.records.models import Run, Step
from tests.chaos.floor import Floor
from tests.chaos.flows import call, marks, step, undoable
from tests.durable.scripts import graph
from tests.factories.cast import Company
from tests.factories.runs import begin, put_into_effect, released
from tests.factories.things import make_version, pin
from tests.waiting import wait_until

pytestmark = pytest.mark.chaos
SLOWLY = {"attempts": 3, "first_delay_ms": 3_600_000, "cap_ms": 3_600_000}
WAIT = {"kind": "timer", "key": "pause", "seconds": 3600}


def again(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def cancel(company: Company, run: Run) -> None:
    cancel_run(run, actor=company.operator, reason="The customer has rung up.")


def test_cancelled_in_the_middle_of_a_step(floor: Floor, northwind: Company) -> None:
    floor.gates.close("after-two")
    floor.hire()
    run = begin(northwind, released(northwind, graph(undoable("one"), undoable("two"), step("three"))), "run")
    floor.gates.wait_for("after-two")
    cancel(northwind, run)
    floor.gates.open("after-two")

    floor.settle()

    assert again(run).state == "compensated"
    assert marks(floor.witness) == ["one", "two", "undo_two", "undo_one"]


@pytest.mark.parametrize("wait", [step("flaky", retry=SLOWLY), WAIT], ids=["backoff", "wait"])
def test_cancelled_while_it_waits(floor: Floor, northwind: Company, wait: dict[str, object]) -> None:
    floor.hire()
    run = begin(northwind, released(northwind, graph(undoable("one"), wait, step("three"))), "run")
    wait_until(lambda: again(run).state == "waiting", "it waits")
    cancel(northwind, run)

    floor.settle()

    assert again(run).state == "compensated"
    assert [mark for mark in marks(floor.witness) if mark != "flaky"] == ["one", "undo_one"]


def test_cancelled_while_it_is_being_undone(floor: Floor, northwind: Company) -> None:
    floor.gates.close("after-undo_two")
    floor.hire()
    run = begin(northwind, released(northwind, graph(undoable("one"), undoable("two"), step("fails"))), "run")
    floor.gates.wait_for("after-undo_two")
    with suppress(WrongState):  # whether it is refused or not, it changes nothing
        cancel(northwind, run)
    floor.gates.open("after-undo_two")

    floor.settle()

    assert again(run).state == "compensated"
    assert marks(floor.witness) == ["one", "two", "fails", "undo_two", "undo_one"]


def test_paused_then_another_version_is_released_then_continued_on_its_own(
    floor: Floor, northwind: Company
) -> None:
    old = released(northwind, graph(step("one"), step("two"), step("three")))
    floor.gates.close("after-one")
    floor.hire()
    run = begin(northwind, old, "old")
    floor.gates.wait_for("after-one")
    pause_run(run, actor=northwind.operator, reason="We are releasing.")
    floor.gates.open("after-one")
    wait_until(lambda: again(run).state == "paused", "it stands still")
    newer = make_version(northwind, "workflow", graph(step("other")), asset=old.workflow)
    new = put_into_effect(northwind, newer)
    later = begin(northwind, new, "new")
    wait_until(lambda: again(later).state == "succeeded", "the new version runs")
    continue_run(again(run), actor=northwind.operator)

    floor.settle()

    assert (again(run).state, again(run).version_id) == ("succeeded", old.version_id)
    assert again(later).version_id == newer.pk
    lines = [(line.split()[0], line.split()[1]) for line in floor.lines()]
    assert lines == [("old", "one"), ("new", "other"), ("old", "two"), ("old", "three")]


def test_the_parent_is_cancelled_while_its_child_runs(floor: Floor, northwind: Company) -> None:
    floor.gates.close("after-inner")
    floor.hire()
    run = begin(
        northwind, released(northwind, with_child(northwind, step("inner"), step("inner_two"))), "run"
    )
    floor.gates.wait_for("after-inner")
    cancel(northwind, run)
    floor.gates.open("after-inner")

    floor.settle()

    child = Run.objects.get(parent=run)
    assert (again(run).state, child.state) == ("compensated", "cancelled")
    assert marks(floor.witness) == ["one", "inner", "undo_one"]


def test_a_child_fails_and_what_its_parent_did_is_undone(floor: Floor, northwind: Company) -> None:
    floor.hire()
    inner = (undoable("inner"), step("fails"))
    run = begin(northwind, released(northwind, with_child(northwind, *inner)), "run")

    floor.settle()

    child = Run.objects.get(parent=run)
    assert (again(run).state, child.state) == ("compensated", "compensated")
    assert marks(floor.witness) == ["one", "inner", "fails", "undo_inner", "undo_one"]


def with_child(company: Company, *nodes: dict[str, object]) -> dict[str, object]:
    """A step that can be undone, then a workflow of these nodes as a run of its own."""
    inner = make_version(company, "workflow", graph(*nodes))
    within = {"kind": "subrun", "key": "within", "workflow": pin(inner), "inputs": {"letter": "$letter"}}
    return graph(undoable("one"), within, step("last"))


def test_items_that_finish_together_are_joined_once(floor: Floor, northwind: Company) -> None:
    each = call("item", text="@item")
    items = {"kind": "map", "key": "all", "over": "one.items", "each": each, "at_once": 3}
    floor.gates.close("after-item")
    floor.hire()
    floor.hire()
    runs = [begin(northwind, released(northwind, graph(step("one"), items, step("last"))), "run")]
    wait_until(lambda: marks(floor.witness).count("item") == 3, "all items are on their way")
    floor.gates.open("after-item")

    floor.settle()

    assert again(runs[0]).state == "succeeded"
    assert marks(floor.witness) == ["one", "item", "item", "item", "last"]
    assert Step.objects.filter(run=runs[0], node="all").count() == 1
