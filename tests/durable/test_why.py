"""Why a run is not moving, in words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from runs.durable import drive as driving
from runs.durable.claim import claim
from runs.durable.resume import resume_run
from runs.durable.why import SILENT_SECONDS, why_not_moving
from runs.durable.why_waiting import MOMENT
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, personal, released

LONG_AGO = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)


def test_a_waiting_run_says_since_when(northwind: Company) -> None:
    run = Run.objects.get(pk=begin(northwind, released(northwind, chain(1))).pk)
    assert why_not_moving(run) == f"Waiting for a worker since {run.ready_at:%-d %b %Y, %H:%M:%S} UTC."

    run.ready_at = LONG_AGO
    since = "Waiting for a worker since 1 Nov 2026, 09:30:00 UTC"
    assert why_not_moving(run) == f"{since}: either all are busy or none is running."

    run.recoveries = 1
    assert why_not_moving(run) == f"{since}: the one that executed it stopped answering at “step_0”."


def test_a_run_that_was_resumed_before_its_first_step_waits_since_then(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*asked: object) -> None:
        raise KeyError("start")

    with monkeypatch.context() as unprepared:
        unprepared.setattr(driving, "plan_under", broken)
        run = finish(begin(northwind, released(northwind, chain(1))))
    assert run.state == Run.State.FAILED

    resume_run(run, actor=northwind.operator, reason="It is mended.")

    resumed = Run.objects.get(pk=run.pk)
    assert resumed.ready_at > resumed.created_at
    since = f"{resumed.ready_at:%-d %b %Y, %H:%M:%S} UTC"
    assert why_not_moving(resumed) == f"Waiting for a worker since {since}, to go on at “step_0”."


def test_a_running_run_says_who_holds_it_and_when_that_was_last_heard_of(
    northwind: Company, settings: Settings
) -> None:
    settings.LEASE_SECONDS = 30.0
    run = begin(northwind, released(northwind, chain(1)))
    claim(run.pk, worker="host:1:thread")
    run = Run.objects.get(pk=run.pk)
    assert why_not_moving(run) == "“step_0” is being executed by host:1:thread."

    heard = timezone.now() - timedelta(seconds=SILENT_SECONDS + 1)
    run.lease_until = heard + timedelta(seconds=settings.LEASE_SECONDS)
    assert why_not_moving(run) == (
        f"“step_0” was being executed by host:1:thread, which was last heard of at {heard:{MOMENT}}. "
        f"If it stays silent, another worker takes the run over after {run.lease_until:{MOMENT}}."
    )

    run.lease_until = timezone.now() - timedelta(seconds=1)
    assert "has not answered since" in why_not_moving(run)


def test_a_failed_run_says_what_stopped_it_and_what_to_do(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(1, function="returns@1", what="raise"))))

    assert why_not_moving(run) == (
        "Failed at “step_0”: The function failed. "
        "“returns@1” raised RuntimeError: the cellar is flooded\ufffd. "
        "An operator can resume it from there."
    )


def test_what_a_function_raises_is_not_quoted_where_it_may_say_what_is_masked(northwind: Company) -> None:
    content = personal(chain(1, function="returns@1", what="raise"))
    run = finish(begin(northwind, released(northwind, content)))

    assert "“returns@1” raised RuntimeError. An operator" in why_not_moving(run)


def test_nothing_is_said_of_a_run_that_has_succeeded(northwind: Company) -> None:
    assert why_not_moving(finish(begin(northwind, released(northwind, chain(1))))) == ""
