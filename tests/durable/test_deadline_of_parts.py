"""The time that a whole run has, and its parts with it: they end before it does."""

import pytest

from governance.ledger.models import Event
from runs.durable.drive import drive
from runs.durable.review import record_effect
from runs.durable.sweep import Swept, sweep
from runs.durable.why import why_not_moving
from runs.people.models import Task
from runs.records.models import Run
from tests.durable.late import HOUR, overdue, pass_deadline, started
from tests.durable.scripts import Killed, call, graph, marks, script, undoable
from tests.durable.turning import again, settle, work
from tests.factories.cast import Company
from tests.factories.runs import expire
from tests.factories.things import make_version, pin
from tests.harness.fresh import FreshDatabase


def test_parts_have_the_time_that_their_whole_has(fresh_database: FreshDatabase, northwind: Company) -> None:
    inner = make_version(northwind, "workflow", graph(HOUR, call("one")))
    node = {"kind": "subrun", "key": "sub", "workflow": pin(inner), "inputs": {"letter": "$letter"}}
    run = started(northwind, node)
    work()
    part = Run.objects.get(parent=run)
    assert part.deadline_at == again(run).deadline_at
    pass_deadline(fresh_database)

    assert sweep().woken == 2
    work()

    assert again(part).state in {"failed", "cancelled"}, "whoever came first"
    overdue(run)


def test_a_late_run_undoes_what_it_did_when_its_parts_have_ended_and_not_before(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    each = [undoable("one"), call("two", effect="idempotent"), call("three")]
    inner = make_version(northwind, "workflow", graph(*each))
    node = {"kind": "subrun", "key": "sub", "workflow": pin(inner), "inputs": {"letter": "$letter"}}
    run = started(northwind, undoable("a"), node, call("last"))
    seen: list[tuple[Run, str, int, Swept]] = []

    def late() -> None:
        pass_deadline(fresh_database)
        woken = sweep().woken
        fresh_database.at_once(lambda: drive(run.pk, worker="whole"))
        seen.append((again(run), why_not_moving(again(run)), woken, sweep()))

    with script(two=[late]):
        drive(run.pk, worker="test")
        part = Run.objects.get(parent=run)
        assert drive(part.pk, worker="part")
        [(whole, words, woken, later)] = seen
        assert (whole.state, whole.waits_for, woken) == ("waiting", "parts", 1)
        assert later == Swept(), "it is not looked at over and over"
        assert "waits for the run of its workflow: it is running" in words
        assert "it ends once its parts have" in words
        done = settle(run)
        assert marks() == ["a", "one", "two", "undo_one", "undo_a"]

    assert (again(part).state, done.state) == ("compensated", "compensated")
    assert done.error is not None
    assert done.error.code == "deadline_passed"
    ended = Event.objects.filter(kind="run.compensated").order_by("id").values_list("run", flat=True)
    assert list(ended) == [part.pk, run.pk]


def test_a_late_run_stops_parts_that_wait_for_somebody_or_have_not_begun(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    task = {"kind": "human_task", "key": "agree", "task": "approve", "title": "May it go out?"}
    asking = graph({**task, "inputs": {"letter": "$letter"}}, call("x", text="agree"))
    asks = make_version(northwind, "workflow", asking)
    each = {"kind": "subrun", "workflow": pin(asks), "inputs": {"letter": "@item"}}
    listed = {"kind": "transform", "key": "list", "expression": "['a', 'b']", "inputs": {"letter": "$letter"}}
    run = started(
        northwind, listed, {"kind": "map", "key": "all", "over": "list", "each": each, "at_once": 2}
    )
    work()
    drive(run.pk, worker="test")
    assert Task.objects.filter(state="open").count() == 2
    pass_deadline(fresh_database)
    Run.objects.filter(pk=run.pk).update(state="ready")

    with script():
        drive(run.pk, worker="test")
        assert set(Run.objects.filter(parent__parent=run).values_list("state", flat=True)) == {"cancelled"}
        settle(run)
        assert marks() == []

    overdue(run)
    assert not Task.objects.filter(state="open").exists()
    events = Event.objects.filter(kind="run.cancelled", run__in=Run.objects.filter(parent__parent=run))
    assert {event.details["reason"] for event in events} == {
        "The deadline of the run that it is a part of has passed."
    }


def test_a_late_run_waits_until_somebody_has_said_what_became_of_a_part(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    pay = undoable("pay") | {"effect": "unsafe"}
    inner = make_version(northwind, "workflow", graph(pay, call("x")))
    node = {"kind": "subrun", "key": "sub", "workflow": pin(inner), "inputs": {"letter": "$letter"}}
    run = started(northwind, undoable("a"), node, call("last"))
    with script(pay=[Killed()]):
        with pytest.raises(Killed):
            work()
        part = Run.objects.get(parent=run)
        expire(part)
        work()
        settle(part)
        assert again(part).state == "needs_review"
        pass_deadline(fresh_database)

        assert settle(run).waits_for == "parts"
        assert marks() == ["a", "pay"]

        record_effect(again(part), actor=northwind.operator, output={}, reason="I looked.")
        assert settle(run).state == "compensated"
        assert marks() == ["a", "pay", "undo_pay", "undo_a"]
