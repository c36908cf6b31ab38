"""One thread of a process looks for short runs; no message is lost on another that comes meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from runs.durable import turns
from runs.durable.turns import Turn


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, nobody counts as held up."""
    monkeypatch.setattr(turns, "HELD_UP_SECONDS", 60.0)


def elsewhere(call: Callable[[], bool]) -> bool:
    """What it answers in another thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


def test_who_comes_while_another_looks_leaves_it_to_them_and_they_look_once_more() -> None:
    turn = Turn()

    assert turn.take()
    assert not elsewhere(turn.take)
    assert not turn.done(), "somebody came"
    assert turn.done()
    assert elsewhere(turn.take)


def test_who_is_held_up_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "HELD_UP_SECONDS", 0.0)
    turn = Turn()

    assert turn.take()
    assert elsewhere(turn.take)
    assert elsewhere(turn.done), "it was never theirs"
    assert turn.done()


def test_before_what_takes_long_the_turn_is_given_up() -> None:
    turn = Turn()

    turn.take()
    assert not turn.leave()
    turn.take()
    elsewhere(turn.take)
    assert turn.leave(), "somebody came, and relies on one more look"

    assert elsewhere(turn.take)
    assert not turn.take()
    assert turn.done()
