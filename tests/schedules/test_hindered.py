"""What keeps a schedule from being fired: the others are fired, and what had come of it is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from governance.access.models import Grant
from governance.access.services import revoke_role
from runs.durable.cancel import cancel_run
from runs.durable.start import start_run
from runs.records.models import Run
from runs.schedules import firing
from runs.schedules.clock import database_now
from runs.schedules.firing import fire_due
from runs.schedules.models import Schedule
from tests.factories.cast import Company
from tests.factories.runs import chain, released
from tests.factories.schedules import make_due, scheduled, told


def read(schedule: Schedule) -> Schedule:
    return Schedule.objects.select_related("last_run").get(pk=schedule.pk)


def test_what_has_come_is_told_when_the_one_that_waited_is_refused_and_pauses_it(northwind: Company) -> None:
    schedule = make_due(scheduled(northwind, overlap="queue"))
    fire_due()
    first = read(schedule).last_run
    assert first is not None
    make_due(schedule, ago=9)
    fire_due()
    cancel_run(first, actor=northwind.operator, reason="Too slow.")
    revoke_role(Grant.objects.get(person=northwind.operator), actor=northwind.owner, reason="moved on")
    came = make_due(schedule, ago=4, missed=1)

    assert fire_due() == {"refused": 1, "missed": 1}

    assert told(schedule)[-1] == ("missed", 2, firing.PAUSED_BEFORE)
    assert schedule.firings.get(outcome="missed").due_at == came.next_at
    after = read(schedule)
    assert (after.next_at, after.queued_for, after.is_on) == (None, None, False)
    assert fire_due() == {}


def test_what_has_come_of_one_that_is_set_aside_is_told(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = make_due(scheduled(northwind), missed=2)
    with monkeypatch.context() as broken:
        broken.setattr(firing, "_due", lambda *_: 1 / 0)
        assert fire_due() == {}

    [(outcome, times, why)] = told(schedule)
    assert (outcome, times, why) == ("missed", 3, read(schedule).paused_because)


def test_one_that_cannot_be_fired_is_paused_and_stops_no_other(northwind: Company) -> None:
    release = released(northwind, chain(1))
    broken = scheduled(northwind, release, name="Broken", cron="0 9 * * *")
    sound = make_due(scheduled(northwind, release, name="Sound"))
    came = database_now() - timedelta(seconds=30)  # and the zone is one that somebody took away since
    Schedule.objects.filter(pk=broken.pk).update(next_at=came, zone="Europe/Atlantis")

    assert fire_due() == {"started": 1}

    assert read(sound).last_run is not None
    after = read(broken)
    assert after.next_at is None
    assert "nobody foresaw (ZoneInfoNotFoundError)" in after.paused_because


def test_one_that_the_database_cuts_short_stops_no_other_and_comes_after_them(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = released(northwind, chain(1))
    slow = make_due(scheduled(northwind, release, name="Slow"), ago=20)
    sound = make_due(scheduled(northwind, release, name="Sound"))

    def start(*given: Any, reference: str, **more: Any) -> tuple[Run, bool]:
        turns.append(reference.split(maxsplit=1)[0])
        if reference.startswith("Slow"):
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = 20")
                cursor.execute("SELECT pg_sleep(5)")
        return start_run(*given, reference=reference, **more)

    turns: list[str] = []
    with monkeypatch.context() as laden:
        laden.setattr(firing, "start_run", start)
        assert fire_due() == {"started": 1}
        make_due(sound, ago=4)
        Run.objects.update(state="cancelled")
        assert fire_due() == {"started": 1}

    assert turns == ["Slow", "Sound", "Sound", "Slow"]
    assert read(slow).is_on
    assert told(slow) == []
    assert fire_due() == {"started": 1}
    assert told(slow) == [("started", 1, "")]


def test_a_start_that_fails_unforeseen_is_told_and_tried_again_the_next_time(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = make_due(scheduled(northwind))
    with monkeypatch.context() as broken:
        broken.setattr(firing, "start_run", lambda *_, **__: 1 / 0)
        assert fire_due() == {"refused": 1}

    assert "nobody foresaw (ZeroDivisionError)" in told(schedule)[0][2]
    make_due(schedule)
    assert fire_due() == {"started": 1}


def test_organisations_take_turns_however_many_of_one_are_due(
    northwind: Company, rival: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firing, "MOST_AT_ONCE", 2)
    release = released(northwind, chain(1))
    many = [make_due(scheduled(northwind, release, name=f"{ago}"), ago=ago) for ago in (40, 30, 20)]
    other = make_due(scheduled(rival), ago=5)

    assert fire_due() == {"started": 2}
    assert [bool(told(schedule)) for schedule in (*many, other)] == [True, False, False, True]
    assert fire_due() == {"started": 2}
