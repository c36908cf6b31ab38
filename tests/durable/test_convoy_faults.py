"""Of runs that are taken together one may fail, be lost, be cancelled or hang: the others do not notice."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.db import OperationalError, connection

from governance.ledger.models import Event
from governance.releases.models import Release
from runs.durable import checkpoint as checkpointing
from runs.durable import drive as driving
from runs.durable.cancel import cancel_run
from runs.durable.claim import Claim, claim
from runs.durable.convoy import give_back
from runs.durable.drive import drive_next
from runs.durable.heartbeat import extend, held
from runs.durable.statements import Statement, rows
from runs.durable.sweep import sweep
from runs.records.models import Run, Step
from tests.durable.convoys import commits, known, states, three, together
from tests.durable.scripts import Killed, call, graph, marks, script
from tests.durable.turning import again
from tests.factories.cast import Company
from tests.factories.runs import begin, expire, released
from tests.harness.fresh import FreshDatabase

pytestmark = pytest.mark.usefixtures("patience")


def test_one_that_fails_fails_alone(
    fresh_database: FreshDatabase, northwind: Company, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(release, monkeypatch)
    runs = three(northwind, release)

    with script(a=[None, RuntimeError("no"), None]):
        drive_next(worker="w", pool="io")

    assert states(runs) == ["succeeded", "failed", "succeeded"]
    assert commits("run.succeeded") == 1


def test_one_that_is_cancelled_before_the_commit_is_cancelled(
    fresh_database: FreshDatabase, northwind: Company, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(release, monkeypatch)
    runs = three(northwind, release)
    stop = lambda: cancel_run(again(runs[0]), actor=northwind.operator, reason="Stop it.")  # noqa: E731

    with script(a=[None, stop, None]):
        drive_next(worker="w", pool="io")

    assert states(runs) == ["cancelled", "succeeded", "succeeded"]


def test_of_one_that_was_lost_before_the_commit_nothing_is_written(
    fresh_database: FreshDatabase, northwind: Company, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(release, monkeypatch)
    runs = three(northwind, release)

    def lose() -> None:
        expire(runs[0])
        assert claim(runs[0].pk, worker="another") is not None

    with script(a=[None, lose, None]):
        drive_next(worker="w", pool="io")

    assert states(runs) == ["running", "succeeded", "succeeded"]
    assert not Step.objects.filter(run=runs[0]).exists()
    assert not Event.objects.filter(run=runs[0].pk, kind="step.succeeded").exists()


@pytest.mark.parametrize("after", [False, True], ids=["before the commit", "after it"])
def test_when_the_connection_breaks_at_the_commit_no_step_is_executed_again(
    fresh_database: FreshDatabase,
    northwind: Company,
    release: Release,
    monkeypatch: pytest.MonkeyPatch,
    after: bool,
) -> None:
    known(release, monkeypatch)
    runs = three(northwind, release)
    broken = iter([True])

    def breaking(statement: Statement, values: Mapping[str, Any]) -> list[Any]:
        now = statement == Statement.CHECKPOINT and next(broken, False)
        found = rows(statement, values) if after or not now else []
        if now:
            connection.close()
            raise OperationalError("the server closed the connection unexpectedly")
        return found

    monkeypatch.setattr(checkpointing, "rows", breaking)
    with script():
        drive_next(worker="w", pool="io")
        assert marks() == ["a"] * 3

    assert states(runs) == ["succeeded"] * 3
    assert Step.objects.count() == 3
    assert Event.objects.filter(kind="run.succeeded").count() == 3


def test_a_worker_that_dies_of_one_leaves_the_others_to_be_taken_one_by_one(
    fresh_database: FreshDatabase, northwind: Company, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(release, monkeypatch)
    runs = three(northwind, release)

    with script(a=[None, Killed(), None]), pytest.raises(Killed):
        drive_next(worker="w", pool="io")
    assert not Step.objects.exists()
    for run in runs:
        expire(run)
    sweep()

    for _ in runs:
        assert len(together(release)) == 1, "be it the first or one behind it"


def test_who_was_taken_before_and_is_the_first_is_taken_alone(northwind: Company, release: Release) -> None:
    runs = three(northwind, release)
    Run.objects.filter(pk=runs[0].pk).update(recoveries=1)

    assert [one.run for one in together(release)] == [runs[0].pk]
    assert len(together(release)) == 2


def test_behind_one_that_takes_long_the_others_are_left_to_other_workers(
    fresh_database: FreshDatabase, northwind: Company, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(release, monkeypatch)
    runs = three(northwind, release)
    left: list[str] = []

    def long() -> None:
        monkeypatch.setattr(driving, "LONGEST_TOGETHER_SECONDS", 0.0)

    def look(found: Claim) -> None:
        give_back(found)
        left.append(again(runs[2]).state)

    monkeypatch.setattr(driving, "give_back", look)
    with script(a=[None, long]):
        drive_next(worker="w", pool="io")

    assert left == ["ready"]
    assert states(runs) == ["succeeded"] * 3
    assert again(runs[2]).recoveries == 0


def test_what_has_ended_is_committed_though_the_database_refuses_another(
    fresh_database: FreshDatabase, northwind: Company, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(release, monkeypatch)
    runs = three(northwind, release)

    def refused(*_: object) -> None:
        raise OperationalError("canceling statement due to statement timeout")

    def refuse() -> None:
        monkeypatch.setattr(driving, "pinned", refused)

    with script(a=[None, refuse]), pytest.raises(OperationalError):
        drive_next(worker="w", pool="io")

    assert states(runs) == ["succeeded", "succeeded", "running"]


def test_the_lease_of_one_whose_turn_does_not_come_is_not_extended(
    fresh_database: FreshDatabase, northwind: Company, release: Release
) -> None:
    """Else a step that hangs would keep those behind it from everybody."""
    run = begin(northwind, release)
    [found] = together(release)
    before = again(run).lease_until

    with held(found, longest=0.0):
        extend()
        assert again(run).lease_until == before
    with held(found):
        extend()
        assert again(run).lease_until != before


def test_while_a_long_step_is_executed_another_thread_takes_what_waits(
    fresh_database: FreshDatabase, northwind: Company, release: Release
) -> None:
    slow = released(northwind, graph(call("slow", timeout_s=60)))
    first = begin(northwind, slow)
    taken: list[object] = []
    look: Callable[[], int] = lambda: drive_next(worker="second", pool="io")  # noqa: E731

    def others() -> None:
        taken.append(three(northwind, release))
        taken.extend(fresh_database.at_once(look))

    with script(slow=[others]):
        drive_next(worker="first", pool="io")

    assert taken[1:] == [3]
    assert states([first]) == ["succeeded"]
