"""A failed run whose workflow has it held: nothing is undone until an operator says so."""

from typing import Any

import pytest

from runs.durable.cancel import cancel_run
from runs.durable.drive import drive
from runs.durable.resume import resume_run
from runs.durable.why import why_not_moving
from runs.records.models import Run
from tests.durable.late import pass_deadline
from tests.durable.scripts import call, graph, marks, script, undoable
from tests.durable.turning import again, settle
from tests.factories.cast import Company
from tests.factories.runs import begin, released
from tests.factories.things import make_version, pin
from tests.harness.fresh import FreshDatabase

BOOM = RuntimeError("no ink")


def held(company: Company, *nodes: dict[str, Any], **more: Any) -> Run:
    content = graph(*(nodes or (undoable("book"), call("send"))), on_failure="hold", **more)
    return begin(company, released(company, content))


def test_what_a_held_run_did_stands_and_is_not_done_again_when_it_goes_on(northwind: Company) -> None:
    run = held(northwind)
    with script(send=[BOOM]):
        failed = settle(run)
        assert (failed.state, marks()) == ("failed", ["book", "send"])
        assert why_not_moving(failed).endswith(
            "An operator can resume it from there. What it did stands; it is undone when it is cancelled."
        )
        resume_run(failed, actor=northwind.operator, reason="It is mended.")
        assert settle(run).state == "succeeded"
        assert marks() == ["book", "send", "send"]


def test_a_held_run_that_is_cancelled_undoes_what_it_did(northwind: Company) -> None:
    run = held(northwind)
    with script(send=[BOOM]):
        cancel_run(settle(run), actor=northwind.operator, reason="It cannot be sent.")
        assert (settle(run).state, marks()) == ("compensated", ["book", "send", "undo_book"])


def test_a_run_whose_time_is_over_is_held_too(fresh_database: FreshDatabase, northwind: Company) -> None:
    timer = {"kind": "timer", "key": "rest", "seconds": 9}
    run = held(northwind, undoable("book"), timer, call("send"), deadline_s=60)
    with script():
        drive(run.pk, worker="test")
        pass_deadline(fresh_database)
        assert (settle(run).state, marks()) == ("failed", ["book"])


@pytest.mark.parametrize(
    ("outer", "calls"), [("undo", ["book", "send", "undo_book"]), ("hold", ["book", "send"])]
)
def test_of_a_part_its_whole_decides(northwind: Company, outer: str, calls: list[str]) -> None:
    inner = make_version(northwind, "workflow", graph(undoable("book"), call("send"), on_failure="hold"))
    sub = {"kind": "subrun", "key": "sub", "workflow": pin(inner), "inputs": {"letter": "$letter"}}
    run = begin(northwind, released(northwind, graph(sub, on_failure=outer)))
    with script(send=[BOOM]):
        settle(run)
        assert marks() == calls
    assert again(run).state == ("compensated" if outer == "undo" else "failed")
