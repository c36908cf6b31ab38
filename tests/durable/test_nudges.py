"""What comes to a run between its worker's look and its falling asleep is not lost."""

import json
import threading
from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connections

from runs.durable import checkpoint as checkpointing
from runs.durable.claim import claim
from runs.durable.drive import drive
from runs.durable.moves import asleep
from runs.durable.outcomes import Wait
from runs.durable.statements import Statement, rows
from runs.durable.wake import wake
from runs.records.models import Run
from tests.durable.scripts import call, calling, graph
from tests.durable.turning import again, going_to
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released
from tests.harness.fresh import FreshDatabase
from tests.waiting import blocked, wait_until

OVER_TWO = graph(
    {"kind": "map", "key": "all", "over": "$letter", "each": calling("item", text="@item"), "at_once": 2},
    media_type="application/json",
)


def test_a_part_that_ends_between_the_look_and_the_sleep_is_seen(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin(northwind, released(northwind, OVER_TWO), json.dumps([1, 2]))
    drive(run.pk, worker="w")
    first, second = Run.objects.filter(parent=run)
    drive(first.pk, worker="w")
    gap = iter([True])

    def late(statement: Statement, values: Mapping[str, Any]) -> list[Any]:
        if going_to(values) == "waiting" and next(gap, False):
            assert fresh_database.at_once(lambda: drive(second.pk, worker="part")) == [True]
        return rows(statement, values)

    monkeypatch.setattr(checkpointing, "rows", late)

    drive(run.pk, worker="whole")

    assert next(gap, None) is None, "the part did end in between"
    done = again(run)
    assert (done.state, done.lease_epoch) == ("succeeded", 2), "the same worker looked again"
    assert done.steps.filter(node="all").count() == 1


def test_a_wake_that_is_not_committed_yet_is_waited_for(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    """The sleep finds the row locked by whoever brings something, and looks again when that is committed."""
    run = begin(northwind, released(northwind, chain(1)))
    held = claim(run.pk, worker="w")
    assert held is not None
    move = asleep("step_0", Wait(Run.WaitsFor.TIMER, seconds=3600), attempt=1, nudges=held.nudges)
    answers: list[object] = []

    def fall_asleep() -> None:
        answers.append(checkpointing.checkpoint(held, [], move))
        connections.close_all()

    with fresh_database.connect() as bringing, fresh_database.connect() as watching:
        with bringing.transaction():
            bringing.execute("SELECT runs_wake(VARIADIC ARRAY[%s]::uuid[])", [run.pk])
            sleeper = threading.Thread(target=fall_asleep)
            sleeper.start()
            wait_until(lambda: blocked(watching), "the checkpoint waits")
        sleeper.join(timeout=60)

    assert answers == [None]
    after = again(run)
    assert (after.state, after.nudges, after.lease_owner) == ("running", 1, "w"), "awake, and still held"


@pytest.mark.parametrize(
    ("state", "woken"),
    [("waiting", "ready"), ("running", "running"), ("paused", "paused"), ("ready", "ready")],
)
def test_waking_makes_a_waiting_run_ready_and_is_counted_by_the_others(
    northwind: Company, state: str, woken: str
) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    Run.objects.filter(pk=run.pk).update(state="running")
    Run.objects.filter(pk=run.pk).update(state=state)
    before = again(run)

    wake([run.pk])

    after = again(run)
    assert (after.state, after.nudges) == (woken, 1)
    assert (after.ready_at > before.ready_at) is (state == "waiting")


def test_waking_does_not_touch_what_has_ended(northwind: Company) -> None:
    done = finish(begin(northwind, released(northwind, graph(call("a")))))

    wake([done.pk])
    wake([])

    after = again(done)
    assert (after.state, after.nudges) == ("succeeded", 0)
