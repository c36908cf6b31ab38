"""A run is announced where it waits: among the workers for what waits, or among those for what computes."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest

from runs.durable import announce as announcing
from runs.durable.announce import DRIVE, QUEUES
from runs.durable.drive import drive
from runs.durable.pause import continue_run, pause_run
from runs.durable.resume import resume_run
from runs.durable.signal import send_signal
from runs.durable.wake import wake
from runs.functions.registry import _registered, registered
from runs.records.models import Run
from tests.durable.turning import again, work
from tests.factories.cast import Company
from tests.factories.forks import fork_of
from tests.factories.runs import begin, released
from tests.factories.standing import FAILS, call, workflow

COMPUTES: dict[str, Any] = {"function": "computes@1"}
HEARS = {"kind": "wait_event", "key": "hear", "event": "news"}
Committing = Callable[..., AbstractContextManager[Any]]


def over_items(**each: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A list of two, and a map over it that calls this for each, both at once."""
    listing = {"kind": "function", "key": "list", "function": "listed@1", "inputs": {"text": "$letter"}}
    one = {"kind": "function", "inputs": {"text": "@item"}, **each}
    over = {"kind": "map", "key": "all", "over": "list", "each": one, "at_once": 2}
    return {**listing, "settings": {"count": 2}, "next": "all"}, over


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queues to which messages went that have a worker look for what is next, one for each message."""
    found: list[str] = []

    def send(task: str, messages: Sequence[list[str]], queue: str) -> None:
        found.extend([queue] * (0 if task == DRIVE else len(messages)))

    monkeypatch.setattr(announcing, "_send", send)
    return found


@pytest.fixture
def committing(django_capture_on_commit_callbacks: Any) -> Committing:
    """What is to happen on commit happens at the block's end."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def computed(company: Company, *nodes: dict[str, Any]) -> Run:
    """A run of these nodes after one that computes, as far as the workers for what computes bring it."""
    run = begin(company, released(company, workflow(call("count", nodes[0]["key"], **COMPUTES), *nodes)))
    assert run.pool == "cpu"
    drive(run.pk, worker="for what computes")
    return again(run)


def test_what_waits_after_it_has_computed_is_woken_where_others_wait(
    northwind: Company, told: list[str], committing: Committing
) -> None:
    run = computed(northwind, HEARS)
    assert (run.state, run.waits_for, run.pool) == ("waiting", "event", "io")
    told.clear()

    with committing():
        send_signal(run, actor=northwind.operator, name="news", key="1", payload="it rains")

    assert told == [QUEUES["io"]]
    assert again(run).state == "ready"


def test_a_woken_run_is_announced_in_the_pool_in_which_it_waits(
    northwind: Company, told: list[str], committing: Committing
) -> None:
    run = computed(northwind, HEARS)
    Run.objects.filter(pk=run.pk).update(pool="cpu")
    told.clear()

    with committing():
        wake([run.pk])

    assert told == [QUEUES["cpu"]]


def test_a_map_after_a_computation_goes_on_when_its_last_part_ends(
    northwind: Company, told: list[str], committing: Committing
) -> None:
    with committing():
        run = computed(northwind, *over_items(**COMPUTES))
        drive(run.pk, worker="test")

    parts = list(Run.objects.filter(parent=run))
    assert [part.pool for part in parts] == ["cpu", "cpu"], "they need not be handed over"
    assert told[-2:] == [QUEUES["cpu"]] * 2
    told.clear()
    for part in parts:
        drive(part.pk, worker="for what computes")

    assert told == [QUEUES["io"]] * 2, "the whole is woken in the pool in which it waits"
    assert again(run).pool == "io"
    work()
    assert again(run).state == "succeeded"


def test_a_paused_run_is_announced_in_its_pool_when_it_goes_on(
    northwind: Company, told: list[str], committing: Committing
) -> None:
    run = begin(northwind, released(northwind, workflow(call("count", **COMPUTES))))
    pause_run(run, actor=northwind.operator, reason="now")
    told.clear()

    with committing():
        continue_run(run, actor=northwind.operator)

    assert told == [QUEUES["cpu"]]


def test_of_a_resumed_run_each_part_is_announced_in_its_own_pool(
    northwind: Company, told: list[str], committing: Committing, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = registered("returns@1")
    assert fails is not None
    monkeypatch.setitem(_registered, "returns@1", replace(fails, computes=True))
    run = begin(northwind, released(northwind, workflow(*over_items(**FAILS))))
    work()
    assert again(run).state == "failed"
    told.clear()

    with committing():
        resume_run(run, actor=northwind.operator, reason="It is mended.")

    assert sorted(told) == sorted([QUEUES["io"], QUEUES["cpu"], QUEUES["cpu"]])


def test_a_fork_waits_where_its_first_step_is_executed(
    northwind: Company, told: list[str], committing: Committing
) -> None:
    run = begin(northwind, released(northwind, workflow(call("plain", "count"), call("count", **COMPUTES))))
    work()
    told.clear()

    with committing():
        fork = fork_of(again(run), actor=northwind.operator, position=1, reason="Once more.")

    assert again(fork).pool == "cpu"
    assert told == [QUEUES["cpu"]]
