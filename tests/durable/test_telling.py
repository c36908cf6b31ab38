"""Few messages are enough: no run is left waiting for want of one, and most cause none."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, connection, transaction

from runs.durable import drive as driving
from runs.durable import start as starting
from runs.durable import telling, turns
from runs.durable.claim import Claim, claim, claim_next
from runs.durable.drive import drive, drive_next
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, released
from tests.harness.fresh import FreshDatabase


class Messages:
    """What would have gone to the broker."""

    def __init__(self) -> None:
        self.runs: list[UUID] = []
        self.nudges = 0

    def announce(self, runs: Sequence[UUID], *, pool: str) -> None:
        self.runs.extend(runs)

    def nudge(self, pool: str, *, times: int) -> None:
        self.nudges += times


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Messages:
    """The messages of the test."""
    found = Messages()
    monkeypatch.setattr(telling, "announce", found.announce)
    monkeypatch.setattr(telling, "nudge", found.nudge)
    monkeypatch.setattr(telling, "ONE_IN", 10**9)
    monkeypatch.setattr(driving, "LONGEST_TOGETHER_SECONDS", 60.0)
    monkeypatch.setattr(telling, "SOON_SECONDS", 60.0)  # the machine is shared: a slow run is not a long one
    return found


def test_only_the_first_of_those_that_wait_is_announced(
    fresh_database: FreshDatabase, northwind: Company, sent: Messages
) -> None:
    release = released(northwind, chain(1))
    first, second = begin(northwind, release).pk, begin(northwind, release).pk
    assert sent.runs == [first]

    for run in (first, second):
        drive(run, worker="test")
    third = begin(northwind, release).pk

    assert sent.runs == [first, third]


def test_of_two_that_see_each_other_the_earlier_is_announced(
    fresh_database: FreshDatabase, northwind: Company, sent: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = released(northwind, chain(1))
    with monkeypatch.context() as silent:
        silent.setattr(starting, "tell", lambda run, pool: None)
        first, second = begin(northwind, release).pk, begin(northwind, release).pk

    for run in (second, first):
        telling.tell(run, pool="io")

    assert sent.runs == [first]


def test_now_and_then_a_run_is_announced_all_the_same(
    fresh_database: FreshDatabase, northwind: Company, sent: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "ONE_IN", 1)
    release = released(northwind, chain(1))

    runs = [begin(northwind, release).pk for _ in range(3)]

    assert sent.runs == runs


def test_who_waits_is_asked_when_the_callers_transaction_has_ended(
    fresh_database: FreshDatabase, northwind: Company, sent: Messages
) -> None:
    release = released(northwind, chain(1))
    first = begin(northwind, release).pk

    with transaction.atomic():
        late = begin(northwind, release).pk
        [taken] = fresh_database.at_once(partial(drive, first, worker="meanwhile"))
        assert taken is True
        assert sent.runs == [first]

    assert sent.runs == [first, late]


def test_a_run_that_is_committed_is_announced_though_the_database_goes_away_then(
    fresh_database: FreshDatabase, northwind: Company, sent: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = released(northwind, chain(1))

    def away(*asked: object) -> None:
        raise OperationalError("the server closed the connection unexpectedly")

    monkeypatch.setattr(telling, "rows", away)

    run = begin(northwind, release)

    assert sent.runs == [run.pk]
    assert Run.objects.get().pk == run.pk


def test_a_worker_that_is_soon_back_takes_all_that_wait_without_another_message(
    fresh_database: FreshDatabase, northwind: Company, sent: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = released(northwind, chain(1))
    monkeypatch.setitem(telling._took, release.version_id, 0.0)
    for _ in range(3):
        begin(northwind, release)

    assert drive_next(worker="test", pool="io") == 3
    assert (sent.nudges, Run.objects.filter(state="succeeded").count()) == (0, 3)


@pytest.mark.parametrize("others", [0, 1, 3])
def test_before_what_may_take_long_one_more_worker_is_to_look_if_others_wait(
    fresh_database: FreshDatabase, northwind: Company, sent: Messages, others: int
) -> None:
    slow = chain(1)
    slow["nodes"][0]["timeout_s"] = 60
    release = released(northwind, slow)
    for _ in range(1 + others):
        begin(northwind, release)

    drive_next(worker="test", pool="io")

    assert sent.nudges == min(others, 1)


def test_a_worker_whose_last_run_took_long_has_another_one_look(
    fresh_database: FreshDatabase, northwind: Company, sent: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "SOON_SECONDS", 0.0)
    release = released(northwind, chain(1))
    for _ in range(3):
        begin(northwind, release)

    assert drive_next(worker="test", pool="io") == 3
    assert sent.nudges == 1


def test_of_a_version_that_is_not_known_here_another_worker_looks_too(
    fresh_database: FreshDatabase, northwind: Company, sent: Messages
) -> None:
    release = released(northwind, chain(1))
    for _ in range(2):
        begin(northwind, release)

    drive_next(worker="test", pool="io")

    assert sent.nudges == 1


def test_where_the_last_run_of_a_version_took_long_another_worker_looks_at_once(
    fresh_database: FreshDatabase, northwind: Company, sent: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = released(northwind, chain(1))
    begin(northwind, release)
    drive_next(worker="test", pool="io")
    monkeypatch.setitem(telling._took, release.version_id, 120.0)
    for _ in range(2):
        begin(northwind, release)

    drive_next(worker="test", pool="io")

    assert sent.nudges == 1


def test_a_run_that_comes_while_another_is_claimed_is_taken_too(
    fresh_database: FreshDatabase, northwind: Company, sent: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = released(northwind, chain(1))
    monkeypatch.setitem(telling._took, release.version_id, 0.0)
    first = begin(northwind, release)

    def overtaken(**asked: Any) -> list[Claim]:
        found = claim_next(**asked)
        if [one.run for one in found] == [first.pk]:
            assert not found[0].more
            begin(northwind, release)
        return found

    monkeypatch.setattr(driving, "claim_next", overtaken)

    assert drive_next(worker="test", pool="io") == 2
    assert not Run.objects.exclude(state="succeeded").exists()


def test_a_message_that_comes_just_before_what_takes_long_is_passed_on_again(
    fresh_database: FreshDatabase, northwind: Company, sent: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = chain(1)
    slow["nodes"][0]["timeout_s"] = 60
    release = released(northwind, slow)
    begin(northwind, release)
    second = begin(northwind, release)

    def interrupted(**asked: Any) -> list[Claim]:
        found = claim_next(**asked)
        if [one.run for one in found] == [second.pk]:
            begin(northwind, release)
            assert fresh_database.at_once(partial(drive_next, worker="another", pool="io")) == [0]
        return found

    monkeypatch.setattr(turns, "HELD_UP_SECONDS", 60.0)
    monkeypatch.setattr(driving, "claim_next", interrupted)

    drive_next(worker="test", pool="io")

    assert sent.nudges == 2


def test_who_has_no_time_left_leaves_those_that_wait_to_another(
    fresh_database: FreshDatabase, northwind: Company, sent: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(northwind, released(northwind, chain(1)))
    monkeypatch.setattr(driving, "SLICE_SECONDS", 0.0)

    assert drive_next(worker="test", pool="io") == 0
    assert drive_next(worker="test", pool="cpu") == 0
    assert sent.nudges == 1


def test_what_another_is_taking_at_this_moment_is_waited_for_and_then_left(
    fresh_database: FreshDatabase, northwind: Company, sent: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    monkeypatch.setattr(driving, "SLICE_SECONDS", 0.2)

    with transaction.atomic():
        assert claim(run.pk, worker="slow") is not None
        [count] = fresh_database.at_once(partial(drive_next, worker="second", pool="io"))
    assert (count, sent.nudges) == (0, 1)

    assert drive_next(worker="second", pool="io") == 0
    assert sent.nudges == 1


def test_the_look_goes_through_the_index_of_those_that_wait_whatever_analyze_saw(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    release = released(northwind, chain(1))
    for _ in range(60):
        begin(northwind, release)
    with fresh_database.connect("owner") as owner:
        owner.execute("ANALYZE runs_run")
    asked = telling.OTHERS.decode().replace("%(pool)s", "'io'").replace("%(run)s", "NULL")

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "using run_claimable" in plan
    assert "Sort" not in plan
