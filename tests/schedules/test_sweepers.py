"""Whoever looks, and whatever becomes of them: each time is fired once, and looking costs next to nothing."""

import signal
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection

from governance.prepared import rows
from runs.durable.watching import Watch
from runs.records.models import Run
from runs.schedules import firing, passing
from runs.schedules.clock import database_now
from runs.schedules.firing import fire_due
from runs.schedules.firings import tell
from runs.schedules.models import Firing, Schedule
from runs.schedules.passing import LOOK_EVERY_SECONDS, SchedulePass, seconds_left
from tests.chaos.floor import Floor, states
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released
from tests.factories.schedules import make_due, scheduled
from tests.harness.fresh import FreshDatabase
from tests.waiting import wait_until


def test_two_sweepers_fire_each_schedule_once(fresh_database: FreshDatabase, northwind: Company) -> None:
    release = released(northwind, chain(1))
    for number in range(12):
        make_due(scheduled(northwind, release, name=f"Number {number}"))

    found = fresh_database.at_once(fire_due, fire_due, fire_due)

    assert [each for each in found if isinstance(each, Exception)] == []
    assert sum((each for each in found if isinstance(each, Counter)), Counter[str]()) == {"started": 12}
    assert (Run.objects.count(), Firing.objects.count()) == (12, 12)
    assert len(set(Run.objects.values_list("idempotency_key", flat=True))) == 12


def test_a_sweeper_that_is_lost_between_start_and_commit_has_started_nothing(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = make_due(scheduled(northwind))

    def lost(*about: Any, **what: Any) -> Firing:
        assert Run.objects.count() == 1  # it is started, and not committed
        with fresh_database.connect() as other, connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            other.execute("SELECT pg_terminate_backend(%s)", cursor.fetchone())
        return tell(*about, **what)

    with monkeypatch.context() as broken:
        broken.setattr(firing, "tell", lost)
        with pytest.raises(OperationalError):
            fire_due()
    connection.close()

    assert (Run.objects.count(), Firing.objects.count()) == (0, 0)
    assert fire_due() == {"started": 1}
    assert fire_due() == {}
    assert schedule.firings.get().run == Run.objects.get()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The questions of passes, as they are asked."""
    found: list[bytes] = []

    def noting(statement: bytes, values: Any) -> Any:
        found.append(statement)
        return rows(statement, values)

    monkeypatch.setattr(passing, "rows", noting)
    return found


def test_nothing_is_asked_before_it_is_time(northwind: Company, asked: list[bytes]) -> None:
    clock = [1000.0]
    said: list[Counter[str]] = []
    look = SchedulePass(said.append, clock=lambda: clock[0])

    look()
    clock[0] += LOOK_EVERY_SECONDS - 0.1
    look()
    assert len(asked) == 1
    clock[0] += 0.2
    look()
    assert (len(asked), said) == (2, [])


def test_it_looks_again_just_when_the_next_is_due(
    northwind: Company, asked: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = scheduled(northwind)
    monkeypatch.setattr(passing, "LOOK_EVERY_SECONDS", 600.0)
    soon = database_now() + timedelta(seconds=200)
    Schedule.objects.filter(pk=schedule.pk).update(anchor=soon, next_at=soon)
    clock = [1000.0]
    look = SchedulePass(lambda found: None, clock=lambda: clock[0])
    look()

    clock[0] += 100
    look()
    assert len(asked) == 1
    clock[0] += 100
    look()
    assert len(asked) == 2


def test_what_waits_for_a_run_is_due_when_the_run_has_ended(northwind: Company) -> None:
    schedule = make_due(scheduled(northwind, overlap="queue"))
    assert seconds_left() is not None
    fire_due()
    make_due(schedule, ago=3)
    fire_due()
    left = seconds_left()
    assert left is not None
    assert left > 3000

    run = Schedule.objects.get(pk=schedule.pk).last_run
    assert run is not None
    finish(run)

    assert seconds_left() == 0


def test_many_that_are_due_together_take_turns_with_the_sweeper_s_other_work(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = released(northwind, chain(1))
    for number in range(3):
        make_due(scheduled(northwind, release, name=f"Number {number}"), ago=5 + number)
    monkeypatch.setattr(firing, "MOST_AT_ONCE", 2)
    said: list[Counter[str]] = []
    look = SchedulePass(said.append, clock=lambda: 1000.0)

    look()
    assert said == [{"started": 2}]
    look()
    assert said == [{"started": 2}, {"started": 1}]


def test_without_schedules_nothing_is_due(northwind: Company) -> None:
    assert seconds_left() is None


def test_a_pass_that_fails_stops_neither_the_sweeper_nor_the_others(northwind: Company) -> None:
    looked: list[str] = []

    def failing() -> None:
        looked.append("failing")
        raise RuntimeError

    watch = Watch(lambda found: None, [failing, lambda: looked.append("sound")])
    watch.look()

    assert looked == ["failing", "sound"]


@pytest.mark.slow
def test_the_sweeper_s_process_starts_what_is_due_and_a_worker_runs_it(
    floor: Floor, northwind: Company
) -> None:
    release = released(northwind, chain(1))
    make_due(scheduled(northwind, release))
    begin(northwind, release)

    sweeper = floor.watch()
    floor.hire()
    wait_until(lambda: Run.objects.count() == 2 and states() == {"succeeded"}, "both have ended")

    sweeper.send_signal(signal.SIGTERM)
    assert sweeper.wait(timeout=60) == 0
    assert "schedules: 1 started" in floor.words(sweeper)
