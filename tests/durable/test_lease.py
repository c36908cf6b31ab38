"""Who may move a run forward: claims, expiry, fencing, and being handed over."""

import threading
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db import InterfaceError, OperationalError
from pytest_django import Settings

from governance.ledger.models import Event
from runs.artifacts.models import Artifact
from runs.durable import heartbeat, leaving
from runs.durable.checkpoint import checkpoint
from runs.durable.claim import Claim, claim, claim_next
from runs.durable.drive import drive
from runs.durable.heartbeat import allow, extend, held
from runs.durable.moves import handed_over, onward
from runs.lineage.models import Edge
from runs.records.models import Run, Step
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, expire, released, told


@pytest.fixture
def run(northwind: Company) -> Run:
    """A run of two steps that waits."""
    return begin(northwind, released(northwind, chain(2)))


def claimed(run: Run, worker: str = "first") -> Claim:
    """The claim, which must succeed."""
    found = claim(run.pk, worker=worker)
    assert found is not None
    return found


def commit(found: Claim, value: Any = "x") -> bool:
    """A checkpoint of the first step; whether it was accepted."""
    return checkpoint(found, [told(found, value)], onward("step_1")) is not None


def test_a_claim_takes_the_lease_and_the_run_out_of_the_queue(run: Run) -> None:
    found = claimed(run)

    held_run = Run.objects.get(pk=run.pk)
    assert (held_run.state, held_run.lease_owner, held_run.lease_epoch) == ("running", "first", 1)
    assert held_run.started_at is not None
    assert held_run.lease_until is not None
    assert 25 < (held_run.lease_until - held_run.started_at).total_seconds() <= 30.5
    assert (found.cursor, found.position, found.attempt) == ("step_0", 0, 1)
    assert not claim_next(worker="second", pool="io")


def test_nobody_else_gets_a_lease_that_is_held(run: Run) -> None:
    claimed(run)

    assert claim(run.pk, worker="second") is None
    assert claim(UUID(int=0), worker="second") is None


def test_an_expired_lease_is_taken_over_and_counted(run: Run) -> None:
    claimed(run)
    expire(run)

    second = claimed(run, "second")

    assert second.epoch == 2
    assert Run.objects.get(pk=run.pk).recoveries == 1
    kinds = set(Event.objects.of_run(run.pk).values_list("kind", flat=True))
    assert kinds == {"run.started", "run.claimed", "run.recovered"}


def test_whoever_lost_the_lease_commits_nothing(run: Run) -> None:
    zombie = claimed(run)
    expire(run)
    second = claimed(run, "second")
    events = Event.objects.of_run(run.pk).count()

    assert commit(zombie, "by the zombie") is False

    assert (Step.objects.count(), Edge.objects.count(), Artifact.objects.count()) == (0, 0, 1)
    assert Event.objects.of_run(run.pk).count() == events
    assert commit(second) is True


def test_a_run_that_was_put_back_in_the_queue_is_fenced_before_anybody_claims_it(run: Run) -> None:
    zombie = claimed(run)
    Run.objects.filter(pk=run.pk).update(state="ready", lease_owner="", lease_until=None)

    assert commit(zombie) is False


def test_the_same_step_is_committed_once(run: Run) -> None:
    found = claimed(run)

    assert commit(found) is True
    # Told anew, under another identifier, as by somebody who holds an old claim.
    assert commit(found) is False

    assert Step.objects.count() == 1


def test_a_checkpoint_keeps_the_lease_and_forgets_earlier_recoveries(run: Run) -> None:
    claimed(run)
    expire(run)
    found = claimed(run)
    until = Run.objects.get(pk=run.pk).lease_until

    commit(found)

    after = Run.objects.get(pk=run.pk)
    assert (after.lease_owner, after.lease_until) == ("first", until), "extending it is the heartbeat's"
    assert (after.recoveries, after.position, after.cursor) == (0, 1, "step_1")


def test_five_take_overs_without_a_step_are_enough(run: Run) -> None:
    for _ in range(6):
        claimed(run)
        expire(run)

    assert claim(run.pk, worker="seventh") is None


def test_a_run_that_is_handed_over_waits_again_at_once(run: Run) -> None:
    since = Run.objects.get(pk=run.pk).ready_at
    found = claimed(run)
    away = handed_over("step_0", attempt=1, pool="io")

    assert checkpoint(found, [], away) is not None
    assert checkpoint(found, [], away) is None

    after = Run.objects.get(pk=run.pk)
    assert (after.state, after.lease_owner, after.lease_until) == ("ready", "", None)
    assert (after.recoveries, after.ready_at) == (0, since), "it keeps its place in the queue"
    [next_one] = claim_next(worker="second", pool="io")
    assert next_one.run == run.pk


def test_a_worker_that_leaves_hands_the_run_over_after_its_step(run: Run) -> None:
    leaving.leave()
    try:
        drive(run.pk, worker="leaving")
    finally:
        leaving.stay()

    after = Run.objects.get(pk=run.pk)
    assert (after.state, after.position) == ("ready", 1)
    assert after.recoveries == 0
    drive(run.pk, worker="next")
    assert Run.objects.get(pk=run.pk).state == "succeeded"


def test_the_heartbeat_extends_what_is_held_and_nothing_else(
    run: Run, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "_start", lambda: None)  # this test beats by itself
    found, lost = claimed(run), claimed(begin(northwind, run.release, "another"))
    with held(found), held(lost):
        expire(run)
        expire(Run.objects.get(pk=lost.run))
        Run.objects.filter(pk=lost.run).update(lease_epoch=7)

        extend()

    assert claim(run.pk, worker="second") is None
    assert claim(lost.run, worker="second") is not None


def test_a_step_that_hangs_is_not_kept_alive(
    run: Run, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(heartbeat, "_start", lambda: None)
    with held(claimed(run)) as pulse:
        expire(run)
        pulse.step_since -= heartbeat.LONGEST_STEP_SECONDS

        extend()

    assert claim(run.pk, worker="second") is not None


def test_a_step_that_may_take_longer_is_kept_alive_as_long(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "_start", lambda: None)
    with held(claimed(run)) as pulse:
        allow(run.pk, seconds=3600)
        for late, second in ((heartbeat.LONGEST_STEP_SECONDS, False), (3600.0, True)):
            expire(run)
            pulse.step_since -= late

            extend()

            assert (claim(run.pk, worker="second") is not None) is second


def test_nothing_that_goes_wrong_ends_the_heartbeat(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    class Enough(BaseException):
        """Ends the endless loop."""

    mishaps = [
        OperationalError("away"),
        InterfaceError("closed already"),
        KeyError("odd"),
        OSError(),
        Enough(),
    ]

    def go_wrong() -> None:
        raise mishaps.pop(0)

    settings.LEASE_SECONDS = 0
    monkeypatch.setattr(heartbeat, "extend", go_wrong)
    monkeypatch.setattr(heartbeat, "connection", SimpleNamespace(close=go_wrong))

    with pytest.raises(Enough):
        heartbeat._beat()


def test_a_heartbeat_that_died_begins_again_with_the_next_run(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(heartbeat, "_beating", None)
    monkeypatch.setattr(heartbeat, "_beat", lambda: begun.append(threading.current_thread().name))
    found = claimed(run)

    for _ in range(2):
        with held(found):
            assert heartbeat._beating is not None
            heartbeat._beating.join()

    assert begun == ["leases", "leases"]
