"""Limits per organisation and provider: who sets them, and how they are counted."""

import threading
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from governance.errors import Invalid, NotAllowed, NotVisible
from governance.ledger.models import Event
from runs.durable import room
from runs.durable.limits import set_limit
from runs.providers.models import Limit
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.limits import ask, hold, let_pass, limit, runs_of, said_at_once, stand_still
from tests.harness.fresh import FreshDatabase


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """What another test's database held is not known."""
    room.forget()


def test_setting_a_limit_is_recorded(northwind: Company) -> None:
    found = limit(northwind, per_minute=60, at_once=2)

    [event] = Event.objects.about("limit", found.pk)
    assert (event.kind, event.actor) == ("limit.set", northwind.owner.pk)
    assert event.details == {"kind": "endpoint", "name": "bank", "per_minute": 60, "at_once": 2}


def test_a_limit_is_changed_in_place(northwind: Company) -> None:
    first, second = limit(northwind, at_once=2), limit(northwind, at_once=None)

    assert first.pk == second.pk
    assert Limit.objects.get().at_once is None


def test_only_platform_owners_set_limits(northwind: Company, rival: Company) -> None:
    asked: dict[str, Any] = {"kind": Limit.Kind.PROVIDER, "name": "default", "per_minute": 1, "at_once": None}
    with pytest.raises(NotAllowed):
        set_limit(northwind.organisation, actor=northwind.operator, **asked)
    with pytest.raises(NotVisible):
        set_limit(northwind.organisation, actor=rival.owner, **asked)
    assert not Limit.objects.exists()


@pytest.mark.parametrize("count", [0, -1, 1_000_001])
def test_a_limit_of_nothing_is_refused(northwind: Company, count: int) -> None:
    with pytest.raises(Invalid, match="Between 1 and 1,000,000"):
        limit(northwind, per_minute=count)


def test_whose_limit_it_is_stays(northwind: Company) -> None:
    limit(northwind, per_minute=60)

    for change in ("name = 'other'", "kind = 'provider'", "organisation_id = gen_random_uuid()"):
        refused = pytest.raises(DatabaseError, match="stays")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE runs_limit SET {change}")  # noqa: S608 - words of this test


def test_the_calls_of_a_minute_are_used_up_and_come_back_with_time(northwind: Company) -> None:
    run = hold(runs_of(northwind, 1)[0])
    found = limit(northwind, per_minute=60)
    Limit.objects.update(tokens=10)

    assert said_at_once(found, run, 11) == ["free"] * 10 + ["late"]
    let_pass(found, 2.0)
    Limit.objects.update(line_until=None)

    assert said_at_once(found, run, 3, waited=True) == ["free", "free", "late"]


def test_after_a_rest_no_more_begin_together_than_in_ten_seconds(northwind: Company) -> None:
    run = hold(runs_of(northwind, 1)[0])
    found = limit(northwind, per_minute=60)
    let_pass(found, 86_400)

    assert said_at_once(found, run, 12) == ["free"] * 10 + ["late"] * 2


def test_those_who_wait_are_due_one_after_another_and_before_who_comes_later(northwind: Company) -> None:
    run = hold(runs_of(northwind, 1)[0])
    found = limit(northwind, per_minute=6)
    assert ask(found, run)[0] == "free"
    due: list[datetime | None] = []
    for _ in range(5):
        assert ask(found, run)[0] == "late"
        due += Limit.objects.values_list("line_until", flat=True)

    assert [later - sooner for sooner, later in pairwise(due) if sooner and later] == [
        timedelta(seconds=10)
    ] * 4
    Limit.objects.update(tokens=1)
    assert (ask(found, run)[0], ask(found, run, waited=True)[0]) == ("late", "free")


def test_nobody_is_told_to_wait_longer_than_five_minutes_for_a_turn(northwind: Company) -> None:
    run = hold(runs_of(northwind, 1)[0])
    found = limit(northwind, per_minute=1)

    assert max(ask(found, run)[1] or 0 for _ in range(9)) <= 300


def test_what_is_owed_is_counted_and_let_through(northwind: Company) -> None:
    run = hold(runs_of(northwind, 1)[0])
    found = limit(northwind, per_minute=60)

    stand_still(found)
    before = Limit.objects.get().tokens

    assert said_at_once(found, run, 4, owed=True) == ["free"] * 4
    assert Limit.objects.get().tokens == before - 4 < 0


def test_a_worker_that_lost_its_run_is_not_let_in(northwind: Company) -> None:
    run = hold(runs_of(northwind, 1)[0])
    found = limit(northwind, at_once=1)

    assert ask(found, run, epoch=7)[0] == "lost"


def test_two_workers_at_one_moment_do_not_both_take_the_last_place(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    runs = [hold(run) for run in runs_of(northwind, 8)]
    found = limit(northwind, at_once=3)
    together = threading.Barrier(8, timeout=20)

    def try_it(run: Run) -> str:
        together.wait()
        try:
            return ask(found, run)[0]
        finally:
            connections.close_all()

    said = fresh_database.at_once(*[lambda run=run: try_it(run) for run in runs])

    assert sorted(map(str, said)) == ["busy"] * 5 + ["free"] * 3
