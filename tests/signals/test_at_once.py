"""A signal and the end of the time for it in the same moment: what was told in time counts."""

from threading import Event as Moment
from typing import Any

import pytest
from django.db import transaction

from governance.errors import WrongState
from runs.durable.drive import drive
from runs.durable.executors import wait_event
from runs.durable.signal import send_signal
from runs.durable.sweep import sweep
from runs.records.models import Run, Step
from runs.signals.models import Signal, Taking
from tests.factories.cast import Company
from tests.factories.runs import begin, finish, released
from tests.factories.waits import let_time_pass, waiting, with_late_way
from tests.harness.fresh import FreshDatabase
from tests.waiting import PATIENCE_SECONDS, blocked, wait_until

WAYS = pytest.mark.parametrize("way", ["late", None])


def asleep(company: Company, way: str | None) -> Run:
    """A run that waits for a signal, and then goes on another way or fails."""
    content = waiting(before=True, timeout_s=60)
    content = with_late_way(content, "payment") if way else content
    return finish(begin(company, released(company, content)))


@WAYS
def test_a_signal_that_is_committed_after_the_time_was_told_in_time(
    fresh_database: FreshDatabase, northwind: Company, way: str | None
) -> None:
    run, sent = asleep(northwind, way), Moment()

    def sending() -> Any:
        with transaction.atomic():
            signal, _ = send_signal(run, actor=northwind.operator, name="paid", key="k", payload={})
            Run.objects.filter(pk=run.pk).update(wake_at=Signal.objects.get(pk=signal.pk).at)
            sent.set()
            with fresh_database.connect() as other:
                wait_until(lambda: blocked(other), "the worker waits")

    def working() -> Any:
        assert sent.wait(PATIENCE_SECONDS)
        return drive(run.pk, worker="one")

    answers = fresh_database.at_once(sending, working)

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert finish(run).state == "succeeded"
    assert [step.node for step in Step.objects.filter(run=run)] == ["first", "payment", "last"]
    assert Taking.objects.filter(signal__run=run).exists()


@WAYS
def test_a_signal_that_is_told_while_the_time_ends_does_not_count(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch, way: str | None
) -> None:
    run, late = asleep(northwind, way), wait_event._too_late
    let_time_pass(fresh_database, run, 61)
    sweep()

    def tell(key: str) -> Any:
        return send_signal(run, actor=northwind.operator, name="paid", key=key, payload={})

    def slowly(*given: Any) -> Any:
        [answer] = fresh_database.at_once(lambda: tell("at once"))
        assert not isinstance(answer, Exception), answer
        return late(*given)

    monkeypatch.setattr(wait_event, "_too_late", slowly)
    drive(run.pk, worker="slow")

    ended = Run.objects.get(pk=run.pk)
    assert ended.state == ("succeeded" if way else "failed"), ended.error
    assert [step.node for step in Step.objects.filter(run=run)] == [
        "first",
        "payment",
        *(["late"] if way else []),
    ]
    assert not Taking.objects.filter(signal__run=run).exists()
    with pytest.raises(WrongState, match="takes no signals any more"):
        tell("afterwards")
