"""What the sweeper says of itself goes along with what it asks, and is said of nothing that failed."""

import pytest
from django.db import OperationalError

from runs.durable import statements, sweep, watching
from runs.durable.claim import claim
from runs.durable.statements import Statement
from runs.durable.watching import Watch
from runs.records.workers import SweeperPass
from tests.counting import transaction_number
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, expire, released
from tests.harness.fresh import FreshDatabase


@pytest.fixture(autouse=True)
def _at_every_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "TOLD_EVERY_SECONDS", 0.0)


def test_that_it_looked_is_told_within_the_look(fresh_database: FreshDatabase, northwind: Company) -> None:
    watch = Watch(lambda found: None)
    watch.look()
    first = SweeperPass.objects.get()
    before = transaction_number()

    watch.look()

    assert transaction_number() == before + 2
    assert SweeperPass.objects.get().at > first.at


def test_a_sweeper_that_cannot_do_its_work_does_not_say_that_it_looks(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    claim(run.pk, worker="dead")
    expire(run)
    asked: list[Statement] = []
    real = statements.rows

    def refused(statement: Statement, values: dict[str, object]) -> list[object]:
        asked.append(statement)
        if statement == Statement.RECOVER:
            raise OperationalError
        return real(statement, values)

    monkeypatch.setattr(sweep, "rows", refused)
    watch = Watch(lambda found: None)
    for _ in range(3):
        watch.look()

    assert asked.count(Statement.RECOVER) == 3
    assert not SweeperPass.objects.exists()

    monkeypatch.setattr(sweep, "rows", real)
    watch.look()
    told = SweeperPass.objects.get()
    assert told.found["recovered"] == 1
    monkeypatch.setattr(sweep, "rows", refused)
    claim(run.pk, worker="dead again")
    expire(run)
    watch.look()
    first = SweeperPass.objects.get().at
    watch.look()
    assert SweeperPass.objects.get().at == first
