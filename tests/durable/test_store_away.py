"""While the store of large contents is away runs wait: none fails, and nothing is made twice."""

from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now

from governance.ledger.models import Event
from runs.artifacts.opening import bytes_of
from runs.artifacts.storing import ArtifactFiles
from runs.durable import drive as driving
from runs.durable.cancel import cancel_run
from runs.durable.drive import drive_next
from runs.durable.sweep import sweep
from runs.durable.why import why_not_moving
from runs.records.models import Run, Step
from tests.durable.convoys import known, states
from tests.durable.scripts import call, graph
from tests.durable.turning import again
from tests.factories.cast import Company
from tests.factories.runs import LONG_LETTER, begin, chain, finish, released


def away(*_: Any, **__: Any) -> None:
    """A store that does not answer."""
    raise ConnectionError("no route to the store")


def looked_at(run: Run) -> Run:
    """The run's time has come, the sweeper wakes it, and this process looks."""
    Run.objects.filter(pk=run.pk).update(wake_at=Now())
    sweep()
    return finish(run)


def test_a_run_waits_for_a_store_that_is_away_and_goes_on_when_it_is_back(
    store: Path, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin(northwind, released(northwind, chain(2)), LONG_LETTER)
    with monkeypatch.context() as outage:
        outage.setattr(ArtifactFiles, "_open", away)
        seen = [looked_at(run) for _ in range(7)]

    waiting = seen[-1]
    assert {(found.state, found.waits_for, found.lease_until) for found in seen} == {
        ("waiting", "worker", None)
    }
    assert (waiting.recoveries, waiting.attempt, waiting.error) == (0, 1, None)
    assert "The store of large contents did not give what “step_0” reads" in why_not_moving(waiting)
    told = Event.objects.of_run(run.pk).filter(kind="run.waited")
    assert [event.details["content"] for event in told] == [True]
    after = looked_at(run)
    assert (after.state, after.recoveries) == ("succeeded", 0)


def test_a_content_that_is_elsewhere_is_waited_for_and_not_called_altered(
    store: Path, northwind: Company
) -> None:
    run = begin(northwind, released(northwind, chain(1)), LONG_LETTER)
    file = store / run.inputs.get().artifact.place
    file.rename(store / "on another machine")

    waiting = finish(run)
    assert (waiting.state, waiting.waits_for, waiting.error) == ("waiting", "worker", None)

    (store / "on another machine").rename(file)
    assert looked_at(run).state == "succeeded"


def test_who_waits_for_a_content_can_be_cancelled(store: Path, northwind: Company) -> None:
    run = begin(northwind, released(northwind, chain(1)), LONG_LETTER)
    (store / run.inputs.get().artifact.place).unlink()
    finish(run)

    cancel_run(again(run), actor=northwind.operator, reason="It is lost.")

    assert finish(run).state == "cancelled"


def test_what_was_made_while_the_store_takes_nothing_stands_in_the_database(
    store: Path, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin(northwind, released(northwind, chain(2)), LONG_LETTER)
    monkeypatch.setattr(ArtifactFiles, "_save", away)
    # What is there already needs no writing, so the run makes something that is not.
    monkeypatch.setattr("runs.artifacts.storing._held", away_for_new(store))

    after = finish(run)

    assert (after.state, after.recoveries) == ("succeeded", 0)
    assert after.output is not None
    assert after.output.inline is not None
    assert LONG_LETTER in bytes_of(after.output).decode()
    assert Step.objects.filter(run=run).count() == 2


def away_for_new(store: Path) -> Any:
    """The digest of what the store has, as it is asked for it."""
    return lambda place: place.rsplit("/", 1)[-1] if (store / place).exists() else ""


def test_a_run_can_be_started_while_the_store_is_away(
    store: Path, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = released(northwind, chain(1))
    monkeypatch.setattr(ArtifactFiles, "_save", away)

    run = begin(northwind, release, LONG_LETTER)

    assert run.inputs.get().artifact.inline is not None
    assert finish(run).state == "succeeded"


def test_runs_that_need_the_store_do_not_hold_up_the_others(
    store: Path, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = released(northwind, graph(call("a")))
    known(release, monkeypatch)
    monkeypatch.setattr(driving, "LONGEST_TOGETHER_SECONDS", 60.0)
    runs = [
        begin(northwind, release, letter)
        for letter in (LONG_LETTER, "Dear bank.", LONG_LETTER + "!", "Hello.")
    ]
    monkeypatch.setattr(ArtifactFiles, "_open", away)

    drive_next(worker="w", pool="io")

    assert states(runs) == ["waiting", "succeeded", "waiting", "succeeded"]
