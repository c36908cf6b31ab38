"""Letting time pass without a worker."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from runs.artifacts.opening import bytes_of
from runs.durable.pause import continue_run, pause_run
from runs.durable.sweep import sweep
from runs.records.models import Run
from tests.durable.scripts import call, graph
from tests.durable.turning import again, lapse, work
from tests.factories.cast import Company
from tests.factories.runs import begin, finish, released

HOUR = {"kind": "timer", "key": "pause", "seconds": 3600}
UNTIL = {"kind": "timer", "key": "pause", "until": "$letter"}


@pytest.fixture
def run(northwind: Company) -> Run:
    """A run that lets an hour pass between two steps."""
    return begin(northwind, released(northwind, graph(call("a"), HOUR, call("b"))))


def test_a_timer_waits_so_many_seconds_and_holds_no_worker(run: Run) -> None:
    waiting = finish(run)

    assert (waiting.state, waiting.waits_for, waiting.cursor, waiting.position) == (
        "waiting", "timer", "pause", 1,
    )  # fmt: skip
    assert waiting.lease_until is None
    assert waiting.wake_at is not None
    assert waiting.waits_since is not None
    assert (waiting.wake_at - waiting.waits_since).total_seconds() == pytest.approx(3600, abs=0.1)
    assert (sweep().woken, work()) == (0, 0)

    lapse(run)
    assert (sweep().woken, work()) == (1, 1)

    done = again(run)
    assert (done.state, done.position, done.waits_for, done.wake_at) == ("succeeded", 3, "", None)
    assert done.steps.get(node="pause").kind == "timer"


def test_a_timer_that_is_looked_at_early_keeps_its_moment(run: Run) -> None:
    waiting = finish(run)
    Run.objects.filter(pk=run.pk).update(state="ready")

    again_waiting = finish(run)

    assert (again_waiting.state, again_waiting.wake_at) == ("waiting", waiting.wake_at)
    assert again_waiting.waits_since == waiting.waits_since


def test_a_timer_waits_until_a_moment_in_any_zone(northwind: Company) -> None:
    moment = timezone.now().astimezone(UTC).replace(microsecond=0) + timedelta(days=400)
    given = (moment + timedelta(hours=5, minutes=30)).replace(tzinfo=None).isoformat() + "+05:30"
    run = begin(northwind, released(northwind, graph(UNTIL)), f" {given}\n")

    assert finish(run).wake_at == moment

    lapse(run)
    sweep()
    done = finish(run)
    assert done.output is not None
    until = Run.objects.get(pk=run.pk).steps.get().output
    assert until is not None
    assert b'"waited_until":' in bytes_of(until)


def test_a_moment_that_has_passed_is_not_waited_for(northwind: Company) -> None:
    run = begin(northwind, released(northwind, graph(UNTIL)), "2020-01-31T08:00:00Z")

    finish(run)
    assert sweep().woken == 1

    assert finish(run).state == "succeeded"


@pytest.mark.parametrize(
    "value",
    [
        "tomorrow", "2027-02-30T08:00:00Z", "2027-01-31T08:00:00", "2027-01-31", "08:00Z", "1800000000",
        "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "10000-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_what_is_no_moment_with_its_zone_stops_the_run_in_words(northwind: Company, value: str) -> None:
    retry = {**UNTIL}
    run = finish(begin(northwind, released(northwind, graph(retry)), value))

    assert run.state == "failed"
    assert run.error is not None
    assert (run.error.code, run.error.node) == ("not_a_moment", "pause")
    assert value not in run.error.detail


@pytest.mark.parametrize("due", [False, True])
def test_a_timer_goes_on_while_its_run_is_paused(run: Run, northwind: Company, due: bool) -> None:
    waiting = finish(run)
    pause_run(waiting, actor=northwind.operator, reason="The bank is closed.")
    if due:
        lapse(run)
    assert sweep().woken == 0, "a paused run does not wake"
    assert again(run).state == "paused"

    continue_run(again(run), actor=northwind.operator)
    work()

    after = again(run)
    if due:
        assert after.state == "succeeded"
    else:
        assert (after.state, after.waits_for, after.wake_at) == ("waiting", "timer", waiting.wake_at)


def test_the_moment_stands_in_utc(northwind: Company) -> None:
    run = begin(northwind, released(northwind, graph(UNTIL)), "2020-06-01T10:00:00+02:00")
    finish(run)
    sweep()
    done = finish(run)
    output = done.output
    assert output is not None
    assert datetime(2020, 6, 1, 8, tzinfo=UTC).isoformat().encode() in bytes_of(output)
