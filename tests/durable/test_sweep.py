"""Finding what nobody looks at."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db.models import F
from django.utils import timezone

from governance.ledger.models import Event
from runs.durable import sweep as sweeping
from runs.durable.claim import MOST_RECOVERIES, claim
from runs.durable.sweep import Swept, sweep
from runs.records.models import Outbox, Run
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, expire, finish, released


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """What the sweeper told the workers."""
    told: list[UUID] = []
    monkeypatch.setattr(sweeping, "announce", told.extend)
    return told


@pytest.fixture
def run(northwind: Company) -> Run:
    """A run that waits."""
    return begin(northwind, released(northwind, chain(1)))


def test_a_run_is_taken_back_from_a_worker_that_died(run: Run, announced: list[UUID]) -> None:
    claim(run.pk, worker="dead")
    assert sweep() == Swept(0, 0, 0), "a lease that is held is respected"
    expire(run)

    assert sweep() == Swept(recovered=1, given_up=0, announced=1)

    after = Run.objects.get(pk=run.pk)
    assert (after.state, after.recoveries, after.lease_owner) == ("queued", 1, "")
    assert announced == [run.pk]
    [event] = Event.objects.of_run(run.pk).filter(kind="run.recovered")
    assert (event.actor_name, event.details["worker"]) == ("Sweeper", "dead")
    assert finish(run).state == "succeeded"


def test_a_run_that_kills_its_workers_is_stopped_with_a_reason(run: Run, announced: list[UUID]) -> None:
    for _ in range(MOST_RECOVERIES):
        claim(run.pk, worker="dead")
        expire(run)
        sweep()
    claim(run.pk, worker="dead")
    expire(run)

    assert sweep().given_up == 1

    after = Run.objects.get(pk=run.pk)
    assert after.state == "failed"
    assert after.error is not None
    assert (after.error.code, after.error.node) == ("recovered_too_often", "step_0")
    assert Event.objects.of_run(run.pk).filter(kind="run.failed").count() == 1


def test_a_run_whose_message_was_lost_is_announced_again_less_and_less_often(
    run: Run, announced: list[UUID]
) -> None:
    assert sweep().announced == 0, "the message is given five seconds"
    wait_for(run, timedelta(minutes=2))

    assert sweep().announced == 1
    assert sweep().announced == 0

    row = Outbox.objects.get(run=run)
    assert timedelta(seconds=110) < row.due_at - timezone.now() < timedelta(seconds=125)
    wait_for(run, timedelta(days=2))
    sweep()
    assert Outbox.objects.get(run=run).due_at - timezone.now() < timedelta(minutes=10, seconds=5)
    assert announced == [run.pk, run.pk]


def test_the_outbox_forgets_runs_that_no_longer_wait(run: Run, announced: list[UUID]) -> None:
    finish(run)
    Outbox.objects.create(run=run, due_at=timezone.now() - timedelta(minutes=1))

    assert sweep() == Swept(0, 0, 0)

    assert not Outbox.objects.exists()


def wait_for(run: Run, time: timedelta) -> None:
    """Let the run have waited this long."""
    Outbox.objects.filter(run=run).update(created_at=F("created_at") - time, due_at=F("due_at") - time)
