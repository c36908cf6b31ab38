"""Who waits for room keeps its place in the queue: whoever comes later is executed, and asks, after it."""

from datetime import timedelta

import pytest
from django.db.models import F

from runs.durable import room
from runs.durable.checkpoint import checkpoint
from runs.durable.claim import claim, claim_next
from runs.durable.drive import drive_next
from runs.durable.moves import paused
from runs.durable.retry_now import retry_now
from runs.durable.statements import Statement, rows
from runs.durable.sweep import sweep
from runs.durable.why import why_not_moving
from runs.providers.models import Limit
from runs.records.models import Run
from tests.durable.turning import again, age, lapse
from tests.factories.calls import calling_bank
from tests.factories.cast import Company
from tests.factories.limits import ask, hold, limit, runs_of
from tests.factories.runs import begin, expire, finish, released
from tests.providers.serving import Calling

NEWCOMERS = 12


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """What another test's database held is not known."""
    room.forget()


def full(company: Company) -> tuple[Limit, Run]:
    """A limit of one call at once, and the run that makes it."""
    [run] = runs_of(company, 1)
    found = limit(company, at_once=1)
    assert ask(found, hold(run))[0] == "free"
    return found, again(run)


def waiter(company: Company, *, priority: int = 5) -> Run:
    """A run that found no room."""
    run = finish(begin(company, released(company, calling_bank()), priority=priority))
    assert (run.state, run.waits_for) == ("waiting", "limit")
    return run


def leave(run: Run) -> None:
    """Its call has ended."""
    Run.objects.filter(pk=run.pk).update(state="ready", lease_until=None, asking="", pool="cpu")


def test_a_stream_of_newcomers_does_not_keep_a_waiter_from_its_place(
    northwind: Company, calling: Calling
) -> None:
    """While it waits, more come than are executed: the place is passed on to it, not to them."""
    _, first = full(northwind)
    asleep = waiter(northwind)
    release = released(northwind, calling_bank())
    stream = [begin(northwind, release).pk for _ in range(NEWCOMERS)]
    Run.objects.filter(pk=first.pk).update(state="ready", lease_until=None)
    assert finish(first).state == "succeeded"

    while again(asleep).state != "succeeded":
        stream.append(begin(northwind, release).pk)
        assert drive_next(worker="one", pool="io")

    assert not Run.objects.filter(pk__in=stream, started_at__lt=again(asleep).finished_at).exists()


@pytest.mark.parametrize("way", ["looks again", "told", "hastened"])
def test_whoever_came_later_is_executed_after_who_waited(
    northwind: Company, calling: Calling, way: str
) -> None:
    found, first = full(northwind)
    asleep = waiter(northwind)
    begin(northwind, released(northwind, calling_bank()))
    leave(first)

    if way == "looks again":
        lapse(asleep)
        sweep()
    elif way == "told":
        rows(Statement.RELIEVE, {"limit": found.pk})
    else:
        retry_now(asleep, actor=northwind.operator)

    assert again(asleep).ready_at == asleep.ready_at
    [taken] = claim_next(worker="w", pool="io")
    assert taken.run == asleep.pk
    assert taken.waiting_s < 60


def test_the_place_goes_to_who_has_waited_longest_whenever_it_would_look_by_itself(
    northwind: Company, calling: Calling
) -> None:
    found, first = full(northwind)
    old, young, urgent = waiter(northwind), waiter(northwind), waiter(northwind, priority=8)
    age(old, 120)
    Run.objects.filter(pk=old.pk).update(wake_at=F("wake_at") + timedelta(minutes=4))
    leave(first)

    told = [row.id for _ in range(3) for row in rows(Statement.RELIEVE, {"limit": found.pk})]

    assert told == [urgent.pk, old.pk, young.pk], "a minute counts as much as a step of priority"


def test_a_place_is_kept_for_who_was_told_to_go_on(northwind: Company, calling: Calling) -> None:
    found, first = full(northwind)
    asleep = waiter(northwind)
    [newcomer] = runs_of(northwind, 1)
    leave(first)
    rows(Statement.RELIEVE, {"limit": found.pk})

    assert ask(found, hold(newcomer))[0] == "busy"

    held = claim(asleep.pk, worker="w")
    assert held is not None
    assert ask(found, again(newcomer))[0] == "busy", "it is being executed, and has not asked yet"
    assert ask(found, again(asleep), waited=True)[0] == "free"


def test_of_two_who_were_told_of_one_place_one_has_it(northwind: Company, calling: Calling) -> None:
    """What is kept for one who waited is not kept from another, or neither of them would ever ask."""
    found, first = full(northwind)
    told = [waiter(northwind), waiter(northwind)]
    leave(first)
    for run in told:
        rows(Statement.RELIEVE, {"limit": found.pk})
        assert claim(run.pk, worker="w") is not None

    assert [ask(found, again(run), waited=True)[0] for run in told] == ["free", "busy"]


@pytest.mark.parametrize("way", ["elsewhere", "its worker died"])
def test_a_place_is_not_kept_for_who_did_not_ask_after_all(
    northwind: Company, calling: Calling, way: str
) -> None:
    found, first = full(northwind)
    asleep = waiter(northwind)
    [newcomer] = runs_of(northwind, 1)
    leave(first)
    rows(Statement.RELIEVE, {"limit": found.pk})
    held = claim(asleep.pk, worker="w")
    assert held is not None

    if way == "elsewhere":
        assert checkpoint(held, [], paused(held.cursor, attempt=held.attempt)) is not None
    else:
        expire(asleep)
        sweep()

    assert again(asleep).asking == ""
    assert ask(found, hold(newcomer))[0] == "free"


def test_nothing_is_kept_for_who_was_cancelled_or_waits_elsewhere(
    northwind: Company, calling: Calling
) -> None:
    found, first = full(northwind)
    asleep = waiter(northwind)
    [newcomer] = runs_of(northwind, 1)
    leave(first)
    rows(Statement.RELIEVE, {"limit": found.pk})
    Run.objects.filter(pk=asleep.pk).update(state="paused")

    assert ask(found, hold(newcomer))[0] == "free"


def test_a_kept_place_in_the_queue_is_no_wait_for_a_worker(northwind: Company, calling: Calling) -> None:
    """It could not be executed before there was room."""
    found, first = full(northwind)
    asleep = waiter(northwind)
    age(asleep, 3600)
    leave(first)
    rows(Statement.RELIEVE, {"limit": found.pk})
    run = again(asleep)
    assert run.wake_at is not None

    assert f"since {run.wake_at:%-d %b %Y, %H:%M}" in why_not_moving(run)
    assert "either all are busy" not in why_not_moving(run)
    held = claim(run.pk, worker="w")
    assert held is not None
    assert held.waiting_s < 60
