"""Finding what nobody looks at."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from governance.ledger.models import Event
from runs.durable import statements
from runs.durable import sweep as sweeping
from runs.durable.claim import MOST_RECOVERIES, claim
from runs.durable.pause import pause_run
from runs.durable.resume import resume_run
from runs.durable.statements import Statement
from runs.durable.sweep import NUDGES, Swept, sweep
from runs.records.models import Run
from tests.durable.scripts import graph
from tests.durable.turning import lapse
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, expire, finish, released

Nudges = list[tuple[str, int]]
Values = Mapping[str, object]


@pytest.fixture
def nudged(monkeypatch: pytest.MonkeyPatch) -> Nudges:
    """Which pools the sweeper told, and how many workers of each."""
    told: Nudges = []
    monkeypatch.setattr(sweeping, "nudge", lambda pool, *, times: told.append((pool, times)))
    return told


@pytest.fixture
def run(northwind: Company) -> Run:
    """A run that waits."""
    return begin(northwind, released(northwind, chain(1)))


def test_a_run_is_taken_back_from_a_worker_that_died(run: Run, nudged: Nudges) -> None:
    claim(run.pk, worker="dead")
    assert sweep() == Swept(), "a lease that is held is respected"
    expire(run)

    assert sweep() == Swept(recovered=1)

    after = Run.objects.get(pk=run.pk)
    assert (after.state, after.recoveries, after.lease_owner) == ("ready", 1, "")
    assert after.started_at is not None
    assert after.ready_at < after.started_at, "it keeps its place in the queue"
    assert nudged == [("io", 1)]
    [event] = Event.objects.of_run(run.pk).filter(kind="run.recovered")
    assert (event.actor_name, event.details["worker"]) == ("Sweeper", "dead")
    assert finish(run).state == "succeeded"


def test_a_run_that_kills_its_workers_is_quarantined_with_a_reason(run: Run, nudged: Nudges) -> None:
    for _ in range(MOST_RECOVERIES):
        claim(run.pk, worker="dead")
        expire(run)
        sweep()
    claim(run.pk, worker="dead")
    expire(run)

    assert sweep().given_up == 1

    after = Run.objects.get(pk=run.pk)
    assert (after.state, after.lease_owner, after.lease_until) == ("quarantined", "", None)
    assert after.error is not None
    assert (after.error.code, after.error.node) == ("recovered_too_often", "step_0")
    assert Event.objects.of_run(run.pk).filter(kind="run.quarantined").count() == 1
    assert claim(run.pk, worker="eager") is None


def test_an_operator_lets_a_quarantined_run_try_again(run: Run, northwind: Company, nudged: Nudges) -> None:
    claim(run.pk, worker="dead")
    Run.objects.filter(pk=run.pk).update(recoveries=MOST_RECOVERIES)
    expire(run)
    sweep()

    resume_run(run, actor=northwind.operator, reason="It is mended.")

    assert Run.objects.get(pk=run.pk).recoveries == 0
    assert finish(run).state == "succeeded"


def test_a_pool_whose_message_was_lost_is_told_again_until_somebody_comes(run: Run, nudged: Nudges) -> None:
    assert sweep() == Swept(), "the message is given five seconds"
    Run.objects.filter(pk=run.pk).update(ready_at=F("ready_at") - timedelta(seconds=6))

    assert sweep().nudged == 1
    assert sweep().nudged == 1
    finish(run)
    assert sweep() == Swept()

    assert nudged == [("io", NUDGES)] * 2


def test_an_idle_look_is_one_statement(northwind: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also with runs that have ended, that a worker holds, and whose timers run out while they are paused."""
    release = released(northwind, graph({"kind": "timer", "key": "pause", "seconds": 60}))
    finish(begin(northwind, released(northwind, chain(1))))
    asleep, paused, busy = [finish(begin(northwind, release, letter)) for letter in ("one", "two", "three")]
    pause_run(paused, actor=northwind.operator, reason="Closed.")
    for run in (paused, busy):
        lapse(run)
    Run.objects.filter(pk=busy.pk).update(state="ready")
    claim(busy.pk, worker="busy")
    assert asleep.state == "waiting"
    asked: list[Statement] = []
    ask, ask_together = statements.rows, statements.rows_together

    def rows(statement: Statement, values: Values) -> Sequence[object]:
        asked.append(statement)
        return ask(statement, values)

    def rows_together(several: Mapping[Statement, Values]) -> Sequence[object]:
        asked.extend(several)
        return ask_together(several)

    monkeypatch.setattr(sweeping, "rows", rows)
    monkeypatch.setattr(sweeping, "rows_together", rows_together)

    with CaptureQueriesContext(connection) as others:
        assert sweep() == Swept()

    assert asked == [Statement.LOOK]
    assert len(others) == 0
