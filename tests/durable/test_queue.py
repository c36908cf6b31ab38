"""Which run is next: fairness between organisations, priority and ageing within one, and no two takers."""

from collections import Counter
from functools import partial

import pytest

from governance.releases.models import Release
from runs.durable.claim import Claim, claim, claim_next
from runs.durable.sweep import sweep
from runs.records.models import Run
from tests.durable.turning import again, age
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, expire, finish, released
from tests.harness.fresh import FreshDatabase


@pytest.fixture
def release(northwind: Company) -> Release:
    """What Northwind's runs are of."""
    return released(northwind, chain(1))


def taken(pool: str = "io") -> Claim:
    """The run that is next, which there must be."""
    [found] = claim_next(worker="w", pool=pool)
    return found


def taken_all() -> list[Claim]:
    """All that wait, in the order in which they are taken; each is still being executed."""
    found: list[Claim] = []
    while one := claim_next(worker="w", pool="io"):
        found += one
    return found


def test_within_an_organisation_who_has_waited_longest_is_next(northwind: Company, release: Release) -> None:
    runs = [begin(northwind, release, f"letter {n}") for n in range(4)]
    age(runs[2], 30)

    assert [found.run for found in taken_all()] == [runs[n].pk for n in (2, 0, 1, 3)]


def test_the_higher_priority_is_next(northwind: Company, release: Release) -> None:
    low, usual, high = [begin(northwind, release, str(n), priority=n) for n in (0, 5, 9)]

    assert [found.run for found in taken_all()] == [high.pk, usual.pk, low.pk]


@pytest.mark.parametrize(("minutes", "first"), [(3.9, "high"), (4.1, "low")])
def test_a_minute_of_waiting_counts_as_much_as_a_step_of_priority(
    northwind: Company, release: Release, minutes: float, first: str
) -> None:
    low = begin(northwind, release, "low", priority=1)
    high = begin(northwind, release, "high", priority=5)
    age(low, minutes * 60)

    assert taken().run == {"low": low, "high": high}[first].pk


def test_a_run_that_was_taken_back_is_before_those_that_came_later(
    northwind: Company, release: Release
) -> None:
    first, *later = [begin(northwind, release, f"letter {n}") for n in range(3)]
    claim(first.pk, worker="dead")
    expire(first)
    assert sweep().recovered == 1

    assert [found.run for found in taken_all()] == [first.pk, *(run.pk for run in later)]


def test_one_run_does_not_wait_behind_two_hundred_of_another_organisation(
    northwind: Company, rival: Company, release: Release
) -> None:
    for number in range(200):
        begin(northwind, release, f"letter {number}")
    small = begin(rival, released(rival, chain(1)))

    two = [taken().run, taken().run]

    assert small.pk in two, "whoever has nothing being executed is next"


def test_organisations_share_the_workers_evenly(northwind: Company, rival: Company, release: Release) -> None:
    theirs = released(rival, chain(1))
    for number in range(12):
        begin(northwind, release, f"letter {number}")
    for number in range(5):
        begin(rival, theirs, f"letter {number}")

    found = [taken().organisation for _ in range(10)]

    assert Counter(found) == {northwind.organisation.pk: 5, rival.organisation.pk: 5}
    assert {one.organisation for one in taken_all()} == {northwind.organisation.pk}


def test_another_organisations_urgency_does_not_count(
    northwind: Company, rival: Company, release: Release
) -> None:
    for number in range(6):
        begin(northwind, release, f"letter {number}", priority=9)
    begin(rival, released(rival, chain(1)), priority=0)

    assert rival.organisation.pk in {taken().organisation, taken().organisation}


def test_equals_are_taken_by_lot(northwind: Company, rival: Company, release: Release) -> None:
    theirs = released(rival, chain(1))
    firsts: set[object] = set()
    for number in range(40):
        begin(northwind, release, f"letter {number}")
        begin(rival, theirs, f"letter {number}")
        firsts.add(taken().organisation)
        taken()
        Run.objects.filter(state="running").update(state="failed", lease_until=None)
        if len(firsts) == 2:
            break

    assert firsts == {northwind.organisation.pk, rival.organisation.pk}


def test_each_pool_has_a_queue_of_its_own(northwind: Company, release: Release) -> None:
    run = begin(northwind, release)

    assert not claim_next(worker="w", pool="cpu")
    Run.objects.filter(pk=run.pk).update(pool="cpu")
    assert not claim_next(worker="w", pool="io")
    assert taken("cpu").run == run.pk


@pytest.mark.parametrize(
    "state", ["waiting", "paused", "needs_review", "failed", "quarantined", "compensating"]
)
def test_nobody_takes_what_does_not_wait_for_a_worker(
    northwind: Company, release: Release, state: str
) -> None:
    run = begin(northwind, release)
    Run.objects.filter(pk=run.pk).update(state="running")
    Run.objects.filter(pk=run.pk).update(state=state)

    assert not claim_next(worker="w", pool="io")
    if state != "compensating":
        assert claim(run.pk, worker="w") is None


def test_many_workers_at_once_take_each_run_once_and_leave_none(
    fresh_database: FreshDatabase, northwind: Company, rival: Company
) -> None:
    """Nobody goes away empty-handed because somebody else was claiming the same run at that moment."""
    ours, theirs = released(northwind, chain(1)), released(rival, chain(1))
    for round_ in range(3):
        runs = [begin(northwind, ours, f"{round_} {n}", priority=n) for n in range(6)]
        runs += [begin(rival, theirs, f"{round_} {n}") for n in range(6)]

        answers = fresh_database.at_once(
            *[partial(claim_next, worker=f"worker {n}", pool="io") for n in range(12)]
        )

        found = [one.run for answer in answers if isinstance(answer, list) for one in answer]
        assert len(found) == 12, answers
        assert set(found) == {run.pk for run in runs}
        for run in runs:
            expire(run)
            finish(run)


def test_what_somebody_else_is_claiming_is_passed_over(
    fresh_database: FreshDatabase, northwind: Company, rival: Company
) -> None:
    ours = begin(northwind, released(northwind, chain(1)), priority=9)
    theirs = begin(rival, released(rival, chain(1)))
    with fresh_database.connect() as another, another.transaction():
        another.execute("SELECT FROM runs_run WHERE id = %s FOR NO KEY UPDATE", [ours.pk])

        assert taken().run == theirs.pk
        assert not claim_next(worker="w", pool="io"), "and it is not waited for"

    assert taken().run == ours.pk
    assert again(ours).lease_epoch == 1
