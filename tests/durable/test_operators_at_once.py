"""Acts of operators that meet each other, or a worker, on connections of their own."""

import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from governance.errors import WrongState
from runs.durable import parts
from runs.durable.cancel import cancel_run
from runs.durable.drive import drive
from runs.durable.heartbeat import extend, held
from runs.durable.machine import ENDED
from runs.durable.pause import continue_run, pause_run
from runs.durable.resume import resume_run
from runs.durable.review import record_effect, repeat_step
from runs.durable.statements import Statement, rows
from runs.records.models import Run, Step
from tests.durable.scripts import calling, graph, marks, script
from tests.durable.turning import work
from tests.factories.cast import Company
from tests.factories.runs import begin, released
from tests.factories.standing import FAILS, drive_parts, in_parts, taken, unsure
from tests.harness.fresh import FreshDatabase
from tests.waiting import blocked, wait_until

ROUNDS = 6
LISTS = {"kind": "transform", "key": "list", "expression": "['a', 'b']", "inputs": {"letter": "$letter"}}
OVER_LIST = {"kind": "map", "key": "all", "over": "list", "each": calling("pay", text="@item")}


def test_of_two_who_decide_on_the_same_step_one_wins(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run = unsure(northwind)

    answers = fresh_database.at_once(
        lambda: record_effect(run, actor=northwind.operator, output={"paid": True}, reason="I looked"),
        lambda: repeat_step(run, actor=northwind.operator, reason="I looked"),
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Run", "WrongState"]
    drive(run.pk, worker="test")
    assert Run.objects.get(pk=run.pk).state == Run.State.SUCCEEDED
    assert Step.objects.filter(run=run, node="pay").count() == 1


def test_a_part_that_ends_and_an_operator_who_holds_the_whole_up_do_not_wait_for_each_other(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    for _ in range(ROUNDS):
        run = in_parts(northwind, items=3, at_once=3)
        slices = list(run.parts.order_by("id"))

        answers = fresh_database.at_once(
            lambda run=run: pause_run(run, actor=northwind.operator, reason="now"),  # type: ignore[misc]
            *(lambda part=part: drive(part.pk, worker="test") for part in slices),
        )

        assert [answer for answer in answers if isinstance(answer, Exception)] == []
        assert Run.objects.get(pk=run.pk).state == Run.State.PAUSED
        continue_run(run, actor=northwind.operator)
        drive_parts(run)
        assert Run.objects.get(pk=run.pk).state == Run.State.SUCCEEDED


def test_a_run_that_is_cancelled_while_its_parts_end_has_ended_with_all_of_them(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    for _ in range(ROUNDS):
        run = in_parts(northwind, items=3, at_once=3)
        slices = list(run.parts.order_by("id"))

        answers = fresh_database.at_once(
            lambda run=run: cancel_run(run, actor=northwind.operator, reason="now"),  # type: ignore[misc]
            *(lambda part=part: drive(part.pk, worker="test") for part in slices),
        )

        assert [answer for answer in answers if isinstance(answer, Exception)] == []
        drive(run.pk, worker="test")
        assert {found.state for found in Run.objects.filter(parent=run)} <= ENDED
        assert Run.objects.get(pk=run.pk).state == Run.State.CANCELLED


def test_parts_that_are_being_made_are_cancelled_with_their_whole(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker has cut the list and not committed yet: the operator waits for it, and then looks again."""
    run = begin(northwind, released(northwind, graph(LISTS, OVER_LIST)))
    answers: list[object] = []
    cancelling = threading.Thread(
        target=lambda: answers.extend(
            fresh_database.at_once(lambda: cancel_run(run, actor=northwind.operator, reason="now"))
        )
    )
    real = parts.cut

    def cut(*args: Any, **more: Any) -> None:
        real(*args, **more)
        with fresh_database.connect() as watching:
            cancelling.start()
            wait_until(lambda: blocked(watching), "the operator waits")

    monkeypatch.setattr("runs.durable.executors.map.cut", cut)
    with script():
        drive(run.pk, worker="test")
        cancelling.join(timeout=10)

        assert [type(answer).__name__ for answer in answers] == ["Run"]
        assert {found.state for found in Run.objects.all()} == {Run.State.CANCELLED}
        work()
        assert marks() == []


def test_pausing_and_continuing_at_once_leaves_the_run_as_one_of_them_said(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run = pause_run(in_parts(northwind), actor=northwind.operator, reason="now")

    answers = fresh_database.at_once(
        lambda: continue_run(run, actor=northwind.operator),
        lambda: continue_run(run, actor=northwind.operator),
    )

    assert sorted(isinstance(answer, WrongState) for answer in answers) == [False, True]
    assert Run.objects.get(pk=run.pk).state == Run.State.READY


def test_resuming_locks_the_parts_before_the_whole_as_everybody_does(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    """Whoever holds a part up, and then wants its whole, does not meet a resumption that has it already."""
    run = in_parts(northwind, items=2, at_once=2, **FAILS)
    drive_parts(run)
    assert Run.objects.get(pk=run.pk).state == Run.State.FAILED
    part = run.parts.latest("id")

    resume = partial(resume_run, run, actor=northwind.operator, reason="It is mended.")
    answers = while_held(fresh_database, part, run, resume)

    assert [type(answer).__name__ for answer in answers] == ["Run"]
    assert {found.state for found in Run.objects.all()} == {Run.State.READY}


@pytest.mark.parametrize("act", ["an operator", "a worker that leaves"])
def test_parts_are_locked_in_one_order(fresh_database: FreshDatabase, northwind: Company, act: str) -> None:
    run = in_parts(northwind, items=2, at_once=2)
    older, younger = run.parts.order_by("id")
    claims = [taken(part) for part in (older, younger)]
    acts: dict[str, Callable[[], object]] = {
        "an operator": lambda: pause_run(run, actor=northwind.operator, reason="now"),
        "a worker that leaves": lambda: rows(Statement.DEPART, {"worker": None, "owners": ["host:1:"]}),
    }

    with held(claims[0]), held(claims[1]):
        answers = while_held(fresh_database, younger, older, acts[act])

    assert [answer for answer in answers if isinstance(answer, Exception)] == []


def leases(run: Run) -> list[datetime]:
    """Until when its parts are held, the oldest first."""
    return [until for until in run.parts.order_by("id").values_list("lease_until", flat=True) if until]


def test_a_heartbeat_waits_for_nobody_and_extends_what_it_can(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run = in_parts(northwind, items=2, at_once=2)
    older, younger = run.parts.order_by("id")
    claims = [taken(part) for part in (older, younger)]
    ends = leases(run)

    with fresh_database.connect() as another, another.transaction(), held(claims[0]), held(claims[1]):
        another.execute("SELECT FROM runs_run WHERE id = %s FOR UPDATE", [younger.pk])
        extend()

    assert leases(run)[0] > ends[0]
    assert leases(run)[1] == ends[1]


def while_held(database: FreshDatabase, first: Run, second: Run, act: Callable[[], object]) -> list[object]:
    """What the act answers that meets somebody who has locked the first run and then wants the second."""
    answers: list[object] = []
    acting = threading.Thread(target=lambda: answers.extend(database.at_once(act)))
    with database.connect() as another, database.connect() as watching:
        with another.transaction():
            another.execute("SELECT FROM runs_run WHERE id = %s FOR UPDATE", [first.pk])
            acting.start()
            wait_until(lambda: blocked(watching), "the act waits")
            another.execute("SELECT FROM runs_run WHERE id = %s FOR UPDATE NOWAIT", [second.pk])
        acting.join(timeout=30)
    return answers
