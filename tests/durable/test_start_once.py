"""One start is one run: repeated, overtaken, rolled back, and at what cost."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from governance import prepared
from governance.accounts.models import User
from governance.errors import Invalid, WrongState
from governance.ledger.models import Event
from governance.releases.clearance import clear
from governance.releases.models import Release
from runs.durable import start as starting
from runs.durable.start import start_run
from runs.records.models import Run, RunInput
from tests.factories.cast import Company
from tests.factories.runs import LETTER, begin, chain, put_into_effect, released
from tests.factories.things import make_version
from tests.harness.fresh import FreshDatabase


def test_a_start_costs_four_round_trips_once_the_process_knows_the_release(
    fresh_database: FreshDatabase,
    northwind: Company,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    release, executed = released(northwind, chain(1)), []

    class Counted(prepared.Line):
        def rows(self, statement: bytes, values: Mapping[str, Any]) -> list[Any]:
            executed.append(statement.split(b"\n")[0])
            return super().rows(statement, values)

    begin(northwind, release)
    connection.close()
    monkeypatch.setattr(prepared, "Line", Counted)

    with django_assert_num_queries(0):
        begin(northwind, release)

    reach, released_there, start, others = executed
    assert b"what a person reaches" in reach
    assert b"What a start is decided by" in released_there
    assert b"in one statement and one commit" in start
    assert b"Whether another run than this one waits" in others


def test_a_start_belongs_to_the_transaction_that_it_is_part_of(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[UUID] = []
    monkeypatch.setattr(starting, "tell", lambda run, pool: told.append(run))
    release = released(northwind, chain(1))

    def fails_next() -> None:
        begin(northwind, release, idempotency_key="k1")
        raise ConnectionError("what the caller did next")

    with pytest.raises(ConnectionError), transaction.atomic():
        fails_next()
    assert (Run.objects.count(), Event.objects.filter(kind="run.started").count(), told) == (0, 0, [])

    with transaction.atomic():
        run = begin(northwind, release, idempotency_key="k1")
        assert begin(northwind, release, idempotency_key="k1").pk == run.pk
        assert told == []

    assert told == [run.pk]
    assert Run.objects.get().pk == run.pk


def test_a_key_that_somebody_takes_between_the_look_and_the_insert_gives_their_run(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = released(northwind, chain(1))
    others: list[Run] = []
    really = clear

    def overtaken(*asked: Any, **more: Any) -> Release:
        monkeypatch.setattr(starting, "clear", really)
        others.append(begin(northwind, release, idempotency_key="k1"))
        return really(*asked, **more)

    monkeypatch.setattr(starting, "clear", overtaken)

    mine = begin(northwind, release, idempotency_key="k1")

    assert [mine.pk] == [run.pk for run in others]
    assert (Run.objects.count(), RunInput.objects.count()) == (1, 1)
    assert Event.objects.filter(kind="run.started").count() == 1


def test_a_repeated_key_returns_the_first_run(northwind: Company, operator: User) -> None:
    release = released(northwind, chain(1))

    def asked() -> tuple[Run, bool]:
        return start_run(
            release.workflow,
            actor=operator,
            environment=northwind.development,
            inputs={"letter": LETTER},
            idempotency_key="k1",
        )

    first, created = asked()
    second, again = asked()

    assert (created, again) == (True, False)
    assert first.pk == second.pk
    assert Run.objects.count() == 1
    assert Event.objects.filter(kind="run.started").count() == 1


def test_a_repeated_key_still_answers_after_another_release(northwind: Company) -> None:
    release = released(northwind, chain(1))
    first = begin(northwind, release, idempotency_key="k1")
    other = chain(1)
    other["inputs"] = [{"name": "letter", "max_bytes": 5}]
    put_into_effect(northwind, make_version(northwind, "workflow", other, asset=release.workflow))

    assert begin(northwind, release, idempotency_key="k1").pk == first.pk


@pytest.mark.parametrize("changed", [{"letter": "another"}, {"reference": "CASE-2"}, {"priority": 1}])
def test_a_key_cannot_be_used_for_another_request(northwind: Company, changed: dict[str, Any]) -> None:
    release = released(northwind, chain(1))
    begin(northwind, release, idempotency_key="k1")

    with pytest.raises(WrongState, match="used for another request"):
        begin(northwind, release, idempotency_key="k1", **changed)

    assert Run.objects.count() == 1


@pytest.fixture
def operator(northwind: Company) -> User:
    """Who may."""
    return northwind.operator


@pytest.mark.parametrize(("owner", "key"), [("schedule", " schedule:1:11-23"), ("webhook", "webhook:1:a")])
def test_the_keys_of_what_schedules_and_webhooks_start_are_for_these_alone(
    northwind: Company, owner: str, key: str
) -> None:
    release = released(northwind, chain(1))

    for origin in {*Run.Origin} - {Run.Origin(owner)}:
        with pytest.raises(Invalid, match=f"are those of what a {owner} starts") as refused:
            begin(northwind, release, LETTER, idempotency_key=key, origin=origin)
        assert list(refused.value.fields) == ["idempotency_key"]

    assert not Run.objects.exists()
    assert begin(northwind, release, LETTER, idempotency_key=key, origin=Run.Origin(owner)).origin == owner
