"""Functions that change something outside are told a key by which repeated attempts are known as one."""

from collections.abc import Iterator
from typing import Any

import pytest

from runs.durable.resume import resume_run
from runs.records.models import Run
from tests.durable.scripts import Killed, call, graph, script
from tests.durable.step_functions import booked
from tests.durable.turning import again, settle
from tests.factories.cast import Company
from tests.factories.forks import fork_of
from tests.factories.runs import begin, expire, released

KEY_LENGTH = 64


@pytest.fixture(autouse=True)
def nothing_booked() -> Iterator[None]:
    """The bank opens."""
    booked.clear()
    yield
    booked.clear()


def books(mark: str, **more: Any) -> dict[str, Any]:
    """A call that books."""
    read = {"inputs": {"text": "$letter"}, "settings": {"mark": mark}}
    return {"kind": "function", "function": "books@1", "effect": "idempotent", **read, **more}


def started(company: Company, *nodes: dict[str, Any]) -> Run:
    """A run of these nodes."""
    return begin(company, released(company, graph(*nodes)))


def bookings() -> list[tuple[str, int]]:
    """What was booked, and how often each was asked for."""
    return [(found["mark"], found["times"]) for found in booked.values()]


def test_every_attempt_at_a_step_has_its_key_and_every_other_step_another(northwind: Company) -> None:
    retry = {"attempts": 2, "first_delay_ms": 1}
    run = started(northwind, {"key": "a", **books("a!2", retry=retry)}, {"key": "b", **books("b")})

    assert settle(run).state == "failed"
    resume_run(again(run), actor=northwind.operator, reason="It is mended.")
    assert settle(run).state == "succeeded"

    assert bookings() == [("a!2", 3), ("b", 1)]
    assert {len(key) for key in booked} == {KEY_LENGTH}


def test_what_was_done_before_the_worker_was_killed_is_repeated_under_its_key(
    northwind: Company,
) -> None:
    run = started(northwind, {"key": "a", **books("killed")})
    with pytest.raises(Killed):
        settle(run)
    expire(run)

    assert settle(run).state == "succeeded"

    assert bookings() == [("killed", 2)]


def test_an_undoing_a_fork_and_each_item_have_keys_of_their_own(northwind: Company) -> None:
    undone = {
        "key": "a",
        **books("a", compensate=books("undo!1", retry={"attempts": 3, "first_delay_ms": 1})),
    }
    run = started(northwind, undone, call("last"))
    with script(last=[RuntimeError("no ink")]):
        assert settle(run).state == "compensated"
        assert bookings() == [("a", 1), ("undo!1", 2)]
        fork = fork_of(again(run), actor=northwind.operator, position=0, reason="Once more.")
        assert settle(fork).state == "succeeded"
    assert bookings() == [("a", 1), ("undo!1", 2), ("a", 1)]

    listed = {"kind": "transform", "key": "list", "expression": "['x', 'y', 'z']", "inputs": {"l": "$letter"}}
    each = books("item") | {"inputs": {"text": "@item"}}
    over = {"kind": "map", "key": "all", "over": "list", "each": each, "at_once": 2}
    booked.clear()
    assert settle(started(northwind, listed, over)).state == "succeeded"
    assert sorted(found["text"] for found in booked.values()) == ["x", "y", "z"]
