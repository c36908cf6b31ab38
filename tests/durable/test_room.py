"""Who finds no room at a provider sleeps, and no worker's slot is held meanwhile."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance.ledger.models import Event
from runs.durable import room
from runs.durable.drive import drive
from runs.durable.limits import set_limit
from runs.durable.retry_now import may_retry_now
from runs.durable.sweep import sweep
from runs.durable.why import why_not_moving
from runs.providers.models import Limit
from runs.records.models import Run
from tests.durable.scripts import call, graph, script, undoable
from tests.durable.turning import lapse
from tests.factories.calls import SCHEMA, asking
from tests.factories.cast import Company
from tests.factories.limits import ask, hold, limit, runs_of
from tests.factories.runs import begin, finish, released
from tests.factories.things import make_model
from tests.harness.fresh import FreshDatabase
from tests.providers.serving import Calling, Serving


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """What another test's database held is not known."""
    room.forget()


def test_as_many_ask_at_once_as_may_and_the_others_sleep(northwind: Company, calling: Calling) -> None:
    asking, other = runs_of(northwind, 2)
    found = limit(northwind, at_once=1)
    assert ask(found, hold(asking))[0] == "free"

    waiting = finish(other)

    assert (waiting.state, waiting.waits_for, waiting.lease_until) == ("waiting", "limit", None)
    assert "“call” waits for room at “bank”" in why_not_moving(waiting)
    assert calling.asked() == []
    [event] = [each for each in Event.objects.of_run(other.pk) if each.kind == "run.waited"]
    assert (event.details["at"], event.details["because"]) == ("bank", "busy")


def test_an_undoing_that_finds_no_room_says_so_until_it_is_attempted(
    northwind: Company, calling: Calling
) -> None:
    back = {"kind": "http", "endpoint": "bank", "method": "DELETE", "path": "/b", "inputs": {}}
    back |= {"effect": "idempotent", "retry": {"attempts": 2, "first_delay_ms": 60_000}}
    content = graph(undoable("reserve") | {"compensate": back}, call("last"))
    run, other = begin(northwind, released(northwind, content)), runs_of(northwind, 1)[0]
    found = limit(northwind, at_once=1)
    assert ask(found, hold(other))[0] == "free"
    with script(last=[RuntimeError("no ink")]):
        waiting = finish(run)

    assert (waiting.state, waiting.waits_for, waiting.attempt) == ("compensating", "limit", 1)
    assert waiting.waits_since is not None
    assert "What “reserve” did is to be undone. “reserve” waits for room at “bank”" in why_not_moving(waiting)
    assert may_retry_now(waiting)
    assert calling.asked() == []

    Run.objects.filter(pk=other.pk).update(asking="", lease_until=None)
    calling.be("broken")
    lapse(run)
    tried = finish(run)
    assert (tried.state, tried.waits_for, tried.attempt) == ("compensating", "retry", 2)
    assert "attempt 2; an operator can make it at once" in why_not_moving(tried)

    calling.be("well")
    lapse(run)
    done = finish(run)
    assert (done.state, done.waits_for) == ("compensated", "")


def test_who_ends_lets_the_next_one_go_on(northwind: Company, calling: Calling) -> None:
    first, second, third = runs_of(northwind, 3)
    found = limit(northwind, at_once=1)
    held = hold(first)
    assert ask(found, held)[0] == "free"
    finish(second)
    finish(third)
    Run.objects.filter(pk=third.pk).update(wake_at=timezone.now() + timedelta(hours=1))
    Run.objects.filter(pk=first.pk).update(state="ready", lease_until=None)

    assert finish(first).state == Run.State.SUCCEEDED

    states = {run.pk: run.state for run in Run.objects.all()}
    assert (states[second.pk], states[third.pk]) == ("ready", "waiting"), "one for one, who is due first"
    assert finish(second).state == Run.State.SUCCEEDED
    assert finish(third).state == Run.State.SUCCEEDED, "it had been woken by the second"


def test_the_place_of_a_worker_that_died_is_free_when_its_run_is_taken_back(
    northwind: Company, calling: Calling
) -> None:
    dead, other = runs_of(northwind, 2)
    found = limit(northwind, at_once=1)
    assert ask(found, hold(dead))[0] == "free"
    Run.objects.filter(pk=dead.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep()

    assert finish(other).state == Run.State.SUCCEEDED


def test_raising_a_limit_lets_those_who_wait_look_again(northwind: Company, calling: Calling) -> None:
    asking, other = runs_of(northwind, 2)
    found = limit(northwind, at_once=1)
    ask(found, hold(asking))
    finish(other)

    limit(northwind, at_once=2)
    sweep()

    assert finish(other).state == Run.State.SUCCEEDED


def test_a_provider_that_is_busy_is_left_alone_by_all_runs_of_the_organisation(
    northwind: Company, rival: Company, calling: Calling
) -> None:
    first, second = runs_of(northwind, 2, retry={"attempts": 3})
    elsewhere = runs_of(rival, 1)[0]
    calling.be("busy")
    began = timezone.now()
    assert finish(first).waits_for == "retry"

    waiting = finish(second)

    assert (waiting.state, waiting.waits_for) == ("waiting", "limit")
    assert waiting.wake_at is not None
    assert began + timedelta(seconds=6) < waiting.wake_at < timezone.now() + timedelta(seconds=10)
    assert len(calling.asked()) == 1, "the second did not ask"
    finish(elsewhere)
    assert len(calling.asked()) == 2, "another organisation has its own account there"
    Limit.objects.update(closed_until=timezone.now())
    calling.be("well")
    Run.objects.filter(pk=second.pk).update(state="ready")
    assert finish(second).state == Run.State.SUCCEEDED


def test_a_busy_provider_of_models_is_left_alone_as_well(northwind: Company, serving: Serving) -> None:
    release = released(northwind, asking(northwind))
    first, second = begin(northwind, release), begin(northwind, release)
    serving.be("busy")
    finish(first)

    assert finish(second).waits_for == "limit"
    assert Limit.objects.get().kind == Limit.Kind.PROVIDER
    assert len(serving.asked()) == 1


@pytest.mark.parametrize(("first_delay_ms", "closed_s"), [(20_000, 20), (0, 1), (3_600_000, 60)])
def test_a_busy_side_that_does_not_say_how_long_is_left_alone_as_long_as_the_node_waits(
    northwind: Company, calling: Calling, first_delay_ms: int, closed_s: int
) -> None:
    policy = {"attempts": 3, "first_delay_ms": first_delay_ms, "cap_ms": 3_600_000}
    first, second = runs_of(northwind, 2, retry=policy)
    calling.be("curt")

    began = timezone.now()
    assert finish(first).waits_for == "retry"

    closed = Limit.objects.get().closed_until
    assert closed is not None
    assert timedelta(seconds=closed_s) < closed - began < timedelta(seconds=closed_s + 5)
    Limit.objects.update(closed_until=timezone.now() + timedelta(seconds=30))
    assert finish(second).waits_for == "limit"
    assert len(calling.asked()) == 1, "the second did not ask"


def test_a_busy_provider_of_models_that_does_not_say_how_long_is_left_alone_too(
    northwind: Company, serving: Serving
) -> None:
    release = released(northwind, asking(northwind, retry={"attempts": 2, "first_delay_ms": 30_000}))
    first, second = begin(northwind, release), begin(northwind, release)
    serving.be("curt")
    finish(first)

    assert finish(second).waits_for == "limit"
    assert len(serving.asked()) == 1


@pytest.mark.parametrize("attempts", [1, 2])
def test_nobody_waits_for_a_busy_provider_when_the_fallback_would_be_asked_now(
    northwind: Company, serving: Serving, attempts: int
) -> None:
    assert serving.settings is not None
    serving.be("busy")
    there = {"base_url": serving.url("well"), "timeout_seconds": 30}
    serving.settings.LLM_PROVIDERS = {**serving.settings.LLM_PROVIDERS, "second": there}
    second = make_model(northwind, provider="second", model="second-model")
    content = asking(northwind, fallback=second, retry={"attempts": attempts})
    release = released(northwind, content)
    first, other = begin(northwind, release), begin(northwind, release)
    finish(first)

    done = finish(other)

    paths = [asked["path"].split("/")[1] for asked in serving.asked()]
    if attempts == 1:
        assert paths == ["busy", "well", "well"], "the busy one was asked once"
        assert done.steps.get().facts["fallback"]["code"] == "provider_closed"
    else:
        assert paths == ["busy"]
        assert done.waits_for == "limit"


def test_answers_that_are_handed_back_are_counted(northwind: Company, serving: Serving) -> None:
    set_limit(
        northwind.organisation,
        actor=northwind.owner,
        kind=Limit.Kind.PROVIDER,
        name="default",
        per_minute=60,
        at_once=1,
    )
    serving.be("wrong_label")

    finish(begin(northwind, released(northwind, asking(northwind, output_schema=SCHEMA, reask=2))))

    assert len(serving.asked()) == 3
    assert -2 < Limit.objects.get().tokens < -1


def test_an_unsafe_call_that_finds_no_room_has_not_begun(northwind: Company, calling: Calling) -> None:
    asking, other = runs_of(northwind, 2, method="POST", irreversible="Nothing undoes it.")
    found = limit(northwind, at_once=1)
    ask(found, hold(asking))
    waiting = finish(other)
    assert (waiting.state, waiting.begun.count()) == ("waiting", 0)
    Run.objects.filter(pk=asking.pk).update(asking="")
    Run.objects.filter(pk=other.pk).update(state="ready")

    assert finish(other).state == Run.State.SUCCEEDED


def test_who_waits_for_room_too_long_does_not_begin(northwind: Company, calling: Calling) -> None:
    asking, other = runs_of(northwind, 2, start_within_s=60)
    found = limit(northwind, at_once=1)
    ask(found, hold(asking))
    waiting = finish(other)
    long_ago = timezone.now() - timedelta(seconds=61)
    Run.objects.filter(pk=waiting.pk).update(
        state="ready", waits_since=long_ago, wake_at=timezone.now(), ready_at=timezone.now()
    )
    Run.objects.filter(pk=asking.pk).update(asking="")

    done = finish(other)

    assert done.error is not None
    assert (done.state, done.error.code) == ("failed", "not_started_in_time")
    assert calling.asked() == []


def test_without_a_limit_nothing_is_asked_of_the_database(
    northwind: Company, calling: Calling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "REMEMBERED_SECONDS", 3600.0)
    first, second = runs_of(northwind, 2)
    finish(first)

    with CaptureQueriesContext(connection) as queries:
        assert finish(second).state == Run.State.SUCCEEDED

    assert [query for query in queries if "runs_limit" in query["sql"]] == []


def test_ten_runs_through_one_place_never_meet_there(
    fresh_database: FreshDatabase, northwind: Company, calling: Calling
) -> None:
    runs = runs_of(northwind, 10)
    limit(northwind, at_once=1)

    def work() -> None:
        try:
            for _ in range(40):
                for run in runs:
                    drive(run.pk, worker=threading.current_thread().name)
                with connection.cursor() as cursor:
                    cursor.execute("UPDATE runs_run SET wake_at = clock_timestamp() WHERE state = 'waiting'")
                sweep()
                if not Run.objects.filter(finished_at=None).exists():
                    return
        finally:
            connections.close_all()

    assert fresh_database.at_once(work, work, work) == [None] * 3

    assert set(Run.objects.values_list("state", flat=True)) == {"succeeded"}
    assert len(calling.asked()) == 10
