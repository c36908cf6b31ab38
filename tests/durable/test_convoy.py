"""Short runs are taken and committed together, and each is as safe as if it were alone."""

from typing import Any

import pytest
from django.db import connection

from governance.ledger.models import Event
from governance.releases.models import Release
from runs.durable import telling
from runs.durable.drive import drive_next
from runs.records.models import Run, Step
from tests.durable.convoys import commits, known, states, three, together
from tests.durable.scripts import script
from tests.durable.turning import again
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, released
from tests.harness.fresh import FreshDatabase

pytestmark = pytest.mark.usefixtures("patience")


def test_once_a_version_is_known_to_be_short_its_runs_share_two_commits(
    fresh_database: FreshDatabase, northwind: Company, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "SHORT_SECONDS", 60.0)
    first = begin(northwind, release)
    drive_next(worker="w", pool="io")
    runs = three(northwind, release)

    with script() as calls:
        assert drive_next(worker="w", pool="io") == 3

    assert [text for _, text in calls] == ["letter 0", "letter 1", "letter 2"]
    assert states([first, *runs]) == ["succeeded"] * 4
    assert (commits("run.claimed"), commits("step.succeeded"), commits("run.succeeded")) == (2, 2, 2)
    assert Event.objects.filter(kind="run.claimed").count() == 4
    for run in runs:
        assert again(run).output is not None
        assert list(Step.objects.filter(run=run).values_list("node", "state")) == [("a", "succeeded")]


def test_equal_contents_of_several_runs_are_one_artifact(
    fresh_database: FreshDatabase, northwind: Company, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(release, monkeypatch)
    runs = [begin(northwind, release, "the same letter") for _ in range(3)]

    drive_next(worker="w", pool="io")

    assert states(runs) == ["succeeded"] * 3
    assert len({again(run).output_id for run in runs}) == 1


def test_their_steps_are_told_in_their_order_whatever_way_the_server_takes(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = released(northwind, chain(12))
    known(long, monkeypatch)
    runs = three(northwind, long)
    with connection.cursor() as cursor:
        cursor.execute("SET enable_nestloop = off")

    drive_next(worker="w", pool="io")

    assert commits("run.succeeded") == 1
    for run in runs:
        told = [event.details for event in Event.objects.filter(run=run.pk).order_by("id")][2:]
        assert [found["node"] for found in told] == [f"step_{n}" for n in range(12)] + ["step_11"]


def test_those_of_the_same_version_and_priority_come_along(northwind: Company, release: Release) -> None:
    runs = three(northwind, release)
    other = begin(northwind, released(northwind, chain(1)))
    begin(northwind, release, priority=1)

    found = together(release)

    assert {one.run for one in found} == {run.pk for run in runs}
    assert all(one.more for one in found)
    assert [one.run for one in together(release)] == [other.pk]


def test_of_a_version_that_is_not_known_to_be_short_each_is_taken_alone(
    northwind: Company, release: Release
) -> None:
    three(northwind, release)

    assert len(together()) == 1


def test_while_others_wait_each_is_taken_alone_so_that_shares_hold(
    northwind: Company, rival: Company, release: Release
) -> None:
    three(northwind, release)
    theirs = released(rival, chain(1))
    three(rival, theirs)

    assert len(together(release, theirs)) == 1


@pytest.mark.parametrize("mark", [{"recoveries": 1}, {"asked": "cancel"}])
def test_who_was_taken_before_or_is_asked_something_is_taken_alone(
    northwind: Company, release: Release, mark: dict[str, Any]
) -> None:
    runs = three(northwind, release)
    Run.objects.filter(pk=runs[1].pk).update(**mark)

    assert {one.run for one in together(release)} == {runs[0].pk, runs[2].pk}
