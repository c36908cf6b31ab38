"""Holding a run up, and letting it go on."""

import pytest
from django.db import connection

from governance.errors import Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.models import Event
from runs.durable.cancel import cancel_run
from runs.durable.checkpoint import checkpoint
from runs.durable.drive import drive
from runs.durable.moves import onward
from runs.durable.pause import continue_run, may_pause, pause_run
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, expire, finish, released, told
from tests.factories.standing import drive_parts, failed, in_parts, put_off, taken, timed, undoing

WHY = "the provider is being moved"


def anew(run: Run) -> Run:
    """The run as it is now."""
    return Run.objects.get(pk=run.pk)


def test_a_run_that_nobody_executes_is_paused_at_once_and_not_driven(northwind: Company) -> None:
    run = begin(northwind, released(northwind, chain(2)))

    pause_run(run, actor=northwind.operator, reason=WHY)

    assert drive(run.pk, worker="test") is False
    assert anew(run).state == Run.State.PAUSED
    [event] = Event.objects.of_run(run.pk).filter(kind="run.paused")
    assert (event.actor_name, event.details) == (
        northwind.operator.name,
        {"node": "step_0", "was": "queued", "reason": WHY},
    )


def test_a_run_that_is_executed_is_paused_after_the_step_in_hand(northwind: Company) -> None:
    run = begin(northwind, released(northwind, chain(2)))
    held = taken(run)

    asked = pause_run(run, actor=northwind.operator, reason=WHY)

    assert (asked.state, asked.asked) == (Run.State.RUNNING, "pause")
    standing = checkpoint(held, [told(held)], onward("step_1"))
    assert standing is not None
    assert standing.asked == "pause"
    with pytest.raises(WrongState, match="under way"):
        pause_run(run, actor=northwind.operator, reason=WHY)


def test_a_worker_that_claims_a_run_whose_pause_was_asked_for_pauses_it(northwind: Company) -> None:
    run = begin(northwind, released(northwind, chain(2)))
    Run.objects.filter(pk=run.pk).update(asked="pause")

    found = finish(run)

    assert (found.state, found.position, found.asked) == (Run.State.PAUSED, 0, "")
    assert continue_run(found, actor=northwind.operator).state == Run.State.READY
    assert finish(run).state == Run.State.SUCCEEDED


def test_a_pause_that_was_not_reached_is_called_off(northwind: Company) -> None:
    run = begin(northwind, released(northwind, chain(2)))
    taken(run)
    pause_run(run, actor=northwind.operator, reason=WHY)

    found = continue_run(run, actor=northwind.operator)

    assert (found.state, anew(run).asked) == (Run.State.RUNNING, "")


def test_a_run_that_is_continued_goes_on_waiting_for_its_time(northwind: Company) -> None:
    run = timed(northwind)
    until = run.wake_at

    pause_run(run, actor=northwind.operator, reason=WHY)
    continue_run(run, actor=northwind.operator)

    found = finish(run)
    assert (found.state, found.waits_for, found.wake_at) == (Run.State.WAITING, "timer", until)


def test_a_time_that_passed_in_the_meantime_has_passed(northwind: Company) -> None:
    run = pause_run(timed(northwind), actor=northwind.operator, reason=WHY)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE runs_run SET wake_at = clock_timestamp() - interval '1 s' WHERE id = %s", [run.pk]
        )

    continue_run(run, actor=northwind.operator)

    assert finish(run).state == Run.State.SUCCEEDED


def test_attempts_are_counted_on_and_one_that_was_put_off_is_made_at_once(northwind: Company) -> None:
    run = put_off(northwind)
    assert run.attempt == 2

    pause_run(run, actor=northwind.operator, reason=WHY)
    continue_run(run, actor=northwind.operator)

    found = finish(run)
    assert (found.state, found.attempt) == (Run.State.WAITING, 3)
    assert [step.attempt for step in found.steps.all()] == [1, 2]


def test_parts_are_held_up_with_their_whole_and_go_on_with_it(northwind: Company) -> None:
    run = in_parts(northwind)
    parts = list(run.parts.order_by("id"))
    taken(parts[0])

    pause_run(run, actor=northwind.operator, reason=WHY)

    assert [(part.state, part.asked) for part in run.parts.order_by("id")] == [
        ("running", "pause"),
        ("paused", ""),
    ]
    with pytest.raises(WrongState, match="part of another"):
        continue_run(parts[1], actor=northwind.operator)
    continue_run(run, actor=northwind.operator)
    assert [(part.state, part.asked) for part in run.parts.order_by("id")] == [("running", ""), ("ready", "")]


def test_a_cancellation_that_waits_for_the_parts_is_not_wiped_by_a_pause(northwind: Company) -> None:
    run = in_parts(northwind)
    part = run.parts.order_by("id").first()
    assert part is not None
    taken(part)
    asked = cancel_run(run, actor=northwind.operator, reason="sent by mistake")
    assert (asked.state, asked.asked) == (Run.State.WAITING, "cancel")

    with pytest.raises(WrongState, match="under way"):
        pause_run(run, actor=northwind.operator, reason=WHY)

    expire(part)
    drive_parts(run)
    assert finish(run).state == Run.State.CANCELLED


@pytest.mark.parametrize("state", ["queued", "ready", "waiting", "running"])
def test_a_run_that_is_to_be_cancelled_is_not_paused_wherever_it_stands(state: str) -> None:
    assert may_pause(Run(state=state, asked=""))
    assert not may_pause(Run(state=state, asked="cancel"))


def test_a_part_that_paused_after_its_whole_went_on_can_still_be_continued(northwind: Company) -> None:
    run = in_parts(northwind)
    part = run.parts.order_by("id").first()
    assert part is not None
    Run.objects.filter(pk=part.pk).update(state="paused")

    continue_run(run, actor=northwind.operator)

    drive_parts(run)
    assert anew(run).state == Run.State.SUCCEEDED


def test_what_has_ended_or_is_being_undone_is_not_paused(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEEDED_FILE", "/nowhere")
    for run in (failed(northwind), undoing(northwind, attempts=2)):
        with pytest.raises(WrongState, match="under way"):
            pause_run(run, actor=northwind.operator, reason=WHY)
        with pytest.raises(WrongState, match="Only a paused run"):
            continue_run(run, actor=northwind.operator)


def test_a_paused_run_can_be_cancelled(northwind: Company) -> None:
    run = pause_run(timed(northwind), actor=northwind.operator, reason=WHY)
    assert cancel_run(run, actor=northwind.operator, reason="no longer wanted").state == Run.State.CANCELLED


def test_only_operators_with_a_reason_pause(northwind: Company, rival: Company) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    with pytest.raises(Invalid):
        pause_run(run, actor=northwind.operator, reason=" ")
    with pytest.raises(NotAllowed):
        pause_run(run, actor=northwind.auditor, reason=WHY)
    with pytest.raises(NotVisible):
        pause_run(run, actor=rival.operator, reason=WHY)
    pause_run(run, actor=northwind.operator, reason=WHY)
    with pytest.raises(NotAllowed):
        continue_run(run, actor=northwind.auditor)
    with pytest.raises(NotVisible):
        continue_run(run, actor=rival.operator)
    assert anew(run).state == Run.State.PAUSED
