"""A call that ends reads of those who wait none but the one that goes on, however many there are."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from runs.durable.statements import TEXTS, Statement
from runs.providers.models import Limit
from runs.records.models import Run
from tests.durable.turning import age
from tests.factories.cast import Company
from tests.factories.limits import limit, runs_of
from tests.harness.fresh import FreshDatabase
from tests.planning import executed, runs_read

MANY = 60
ELSEWHERE = "01920000-0000-7000-8000-000000000001"


def asleep(runs: list[Run], *, asking: object, waits_for: str = "limit") -> list[Run]:
    """They wait."""
    found = Run.objects.filter(pk__in=[run.pk for run in runs])
    found.update(state="running")
    found.update(state="waiting", waits_for=waits_for, wake_at=Now(), asking=str(asking))
    return runs


@pytest.fixture
def crowd(fresh_database: FreshDatabase, northwind: Company) -> tuple[Limit, list[Run]]:
    """A limit, and those who wait for room there, among as many that wait for something else."""
    found = limit(northwind, at_once=1)
    asleep(runs_of(northwind, MANY), asking=ELSEWHERE)
    asleep(runs_of(northwind, MANY), asking="", waits_for="timer")
    return found, asleep(runs_of(northwind, MANY), asking=found.pk)


def passed_on(found: Limit) -> int:
    """Pass a place on, and say how many runs were read for it."""
    return runs_read(executed(TEXTS[Statement.RELIEVE], {"limit": str(found.pk)}))


@pytest.mark.parametrize("analysed", [False, True], ids=["unknown", "analysed"])
def test_one_is_read_whatever_analyze_saw(
    fresh_database: FreshDatabase, crowd: tuple[Limit, list[Run]], analysed: bool
) -> None:
    found, waiting = crowd
    oldest, next_oldest = waiting[40], waiting[20]
    age(oldest, 7200)
    age(next_oldest, 3600)
    if analysed:
        with fresh_database.connect("owner") as owner:
            owner.execute("ANALYZE")

    assert passed_on(found) == 1
    assert Run.objects.get(state="ready").pk == oldest.pk
    assert passed_on(found) <= 2, "the one before is still in the index"
    assert set(Run.objects.filter(state="ready").values_list("pk", flat=True)) == {oldest.pk, next_oldest.pk}


def test_none_is_read_where_the_door_is_shut(crowd: tuple[Limit, list[Run]]) -> None:
    found, _ = crowd
    Limit.objects.filter(pk=found.pk).update(closed_until=timezone.now() + timedelta(hours=1))

    assert passed_on(found) == 0
    assert not Run.objects.filter(state="ready").exists()
