"""Why a run is not moving, in each state in which it can stand still."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from governance.ledger.models import Event
from runs.durable.cancel import cancel_run
from runs.durable.drive import drive
from runs.durable.machine import State
from runs.durable.pause import pause_run
from runs.durable.why import WORDS, why_not_moving
from runs.durable.why_waiting import WAITS
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import finish
from tests.factories.standing import (
    FAILS,
    HOUR,
    call,
    drive_parts,
    driven,
    failed,
    in_parts,
    put_off,
    taken,
    timed,
    undoing,
    unsure,
    waiting_for,
    workflow,
)
from tests.factories.waits import team_of

MOMENT = "%-d %b %Y, %H:%M:%S UTC"


def anew(run: Run) -> Run:
    """The run as it is now."""
    return Run.objects.get(pk=run.pk)


def at_node(company: Company, node: dict[str, Any], **waiting: Any) -> Run:
    """A run that stands at the node and waits."""
    reads: dict[str, Any] = {"inputs": {"text": node["key"]}} if node.get("task") == "approve" else {}
    first = {"kind": "timer", "key": "first", "seconds": HOUR, "next": node["key"]}
    run = driven(company, workflow(first, node, call("end", **reads)))
    Run.objects.filter(pk=run.pk).update(cursor=node["key"], **waiting)
    return anew(run)


def test_there_are_words_for_every_state_but_success_and_for_everything_that_is_waited_for() -> None:
    assert set(WORDS) == set(State) - {State.SUCCEEDED}
    assert set(WAITS) == set(Run.WaitsFor)


def test_a_time(northwind: Company) -> None:
    run = timed(northwind)
    assert why_not_moving(run) == (
        f"“cool_off” lets time pass until {run.wake_at:{MOMENT}}. Then it goes on by itself."
    )


def test_an_attempt_that_was_put_off(northwind: Company) -> None:
    run = put_off(northwind)
    assert why_not_moving(run) == (
        "An attempt failed at “post”: The function failed. “returns@1” raised RuntimeError: the cellar is "
        "flooded\ufffd. "
        f"Attempt 2 follows at {run.wake_at:{MOMENT}}; an operator can make it at once."
    )


def test_a_signal(northwind: Company) -> None:
    node = {
        "kind": "wait_event",
        "key": "paid",
        "event": "payment.received",
        "timeout_s": 60,
        "on_timeout": "end",
        "next": "end",
    }
    run = at_node(northwind, node, waits_for="event")
    assert why_not_moving(run) == (
        f"“paid” waits for the signal “payment.received” since {run.waits_since:{MOMENT}}, at the latest "
        f"until {run.wake_at:{MOMENT}}, when it goes on at “end”. "
        "An operator sends it here, or a program through the API."
    )


@pytest.mark.parametrize("passed", [False, True])
def test_a_person(northwind: Company, passed: bool) -> None:
    node = {
        "kind": "human_task",
        "key": "sign",
        "task": "approve",
        "title": "May this letter go out?",
        "team": "risk",
        "escalate_to": "board",
        "escalate_after_s": 600,
        "next": "end",
    }
    for name in ("risk", "board"):
        team_of(northwind, name, northwind.approver)
    since = timezone.now() - timedelta(seconds=700 if passed else 0)
    first = since + timedelta(seconds=600)  # what the run wakes up for is the escalation
    run = at_node(northwind, node, waits_for="person", wake_at=first, waits_since=since)
    verb = "has been asked as well since" if passed else "is asked as well from"
    assert why_not_moving(run) == (
        f"“sign” waits for somebody of the team “risk” to approve it since {since:{MOMENT}}: "
        f"“May this letter go out?”. And the team “board” {verb} {since + timedelta(seconds=600):{MOMENT}}."
    )


def test_a_team_has_its_own_name_and_not_that_in_the_workflow(northwind: Company) -> None:
    node = {"kind": "human_task", "key": "sign", "task": "approve", "title": "May it?", "team": "card-desk"}
    team_of(northwind, "Card desk", northwind.approver)
    run = at_node(northwind, {**node, "next": "end"}, waits_for="person", waits_since=timezone.now())
    assert "somebody of the team “Card desk” to approve it" in why_not_moving(run)


def test_a_task_that_is_to_escalate_expires_at_its_own_time(northwind: Company) -> None:
    node = {
        "kind": "human_task",
        "key": "sign",
        "task": "approve",
        "title": "May this letter go out?",
        "team": "risk",
        "escalate_to": "board",
        "escalate_after_s": 600,
        "timeout_s": HOUR,
        "next": "end",
    }
    for name in ("risk", "board"):
        team_of(northwind, name, northwind.approver)
    since = timezone.now()
    first, last = since + timedelta(seconds=600), since + timedelta(seconds=HOUR)
    run = at_node(northwind, node, waits_for="person", wake_at=first, waits_since=since)
    words = why_not_moving(run)
    assert f"at the latest until {last:{MOMENT}}, when it fails: “May this letter go out?”." in words
    assert f"is asked as well from {first:{MOMENT}}." in words


def test_a_task_that_nobody_in_particular_is_asked_to_do_and_that_expires(northwind: Company) -> None:
    node = {
        "kind": "human_task",
        "key": "pick",
        "task": "choose",
        "choices": ["a", "b"],
        "title": "Which?",
        "next": "end",
    }
    run = at_node(northwind, node, waits_for="person")
    assert why_not_moving(run) == (
        f"“pick” waits for somebody who operates the project's runs to choose since "
        f"{run.waits_since:{MOMENT}}, at the latest until {run.wake_at:{MOMENT}}, when it fails: “Which?”."
    )


def test_items(northwind: Company) -> None:
    run = in_parts(northwind, items=9, at_once=3, function="picky@1", settings={"refuses": " 4"})
    assert why_not_moving(run) == "“each” waits for its items: 0 of 9 are done."
    parts = list(run.parts.order_by("id"))
    for part in parts[:2]:
        drive(part.pk, worker="test")
    drive(run.pk, worker="test")
    assert why_not_moving(anew(run)) == (
        "“each” waits for its items: 4 of 9 are done, 1 of its slices stopped."
    )
    assert why_not_moving(anew(parts[1])).endswith("It goes on when the whole run is resumed.")
    drive_parts(run)
    assert anew(run).state == Run.State.FAILED


def test_room_and_capable_workers(northwind: Company) -> None:
    run = waiting_for(northwind, Run.WaitsFor.LIMIT)
    assert why_not_moving(run) == (
        "“ask” waits for room at what it calls: no more calls are allowed at this moment. "
        f"It is tried again at {run.wake_at:{MOMENT}}; an operator can have it tried at once."
    )
    run = waiting_for(northwind, Run.WaitsFor.WORKER)
    assert why_not_moving(run) == (
        "No capable worker: none that runs has the code that was released, which “ask” needs. Start one that "
        "has, or cancel this run and start it under a release of the present code. "
        f"It is looked for again at {run.wake_at:{MOMENT}}."
    )


def test_a_pause_says_by_whom_and_why(northwind: Company) -> None:
    run = pause_run(timed(northwind), actor=northwind.operator, reason="the provider is being moved")
    words = why_not_moving(anew(run))
    at = Event.objects.of_run(run.pk).filter(kind="run.paused").get().at
    assert words.startswith(f"Paused by {northwind.operator.name} at {at:{MOMENT}}")
    assert words.endswith(
        ", before “cool_off”. Reason: the provider is being moved. An operator can let it go on. "
        f"Meanwhile “cool_off” lets time pass until {run.wake_at:{MOMENT}}. "
        "The pause does not hold that time up."
    )


def test_a_pause_says_what_is_waited_for_and_until_when(northwind: Company) -> None:
    node = {
        "kind": "wait_event",
        "key": "paid",
        "event": "payment.received",
        "timeout_s": HOUR,
        "next": "end",
    }
    run = pause_run(driven(northwind, workflow(node, call("end"))), actor=northwind.operator, reason="wait")
    assert (
        f"Meanwhile “paid” waits for the signal “payment.received” since {run.waits_since:{MOMENT}}, at the "
        f"latest until {run.wake_at:{MOMENT}}, when it fails." in why_not_moving(anew(run))
    )


def test_a_pause_after_the_step_in_hand_says_by_whom_as_well(northwind: Company) -> None:
    run = waiting_for(northwind, Run.WaitsFor.LIMIT)
    Run.objects.filter(pk=run.pk).update(state="ready")
    held = taken(run)
    pause_run(run, actor=northwind.operator, reason="why not")
    assert why_not_moving(anew(run)).endswith("by host:1:thread. It is paused after this step.")
    Run.objects.filter(pk=run.pk).update(state="ready", lease_until=None, lease_epoch=held.epoch)
    assert "Reason: why not. An operator" in why_not_moving(finish(run))


def test_what_was_asked_for_in_the_meantime_is_said_of_a_waiting_run(northwind: Company) -> None:
    run = timed(northwind)
    for asked, words in (("pause", "It is paused when that is over."), ("cancel", "It is cancelled when")):
        run.asked = asked
        assert words in why_not_moving(run)


def test_a_review_says_what_to_do(northwind: Company) -> None:
    assert why_not_moving(unsure(northwind)) == (
        "Needs review at “pay”: Nobody knows whether the step took effect. Its worker stopped after it had "
        "begun. Look there whether it took effect, then record it here. "
        "An operator who has looked records what it did, or has it attempted once more."
    )


def test_undoing(northwind: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEEDED_FILE", "/nowhere")
    run = undoing(northwind, attempts=2)
    cause = "Stopped at “book”: The function failed. “returns@1” raised RuntimeError: the cellar is flooded"
    assert why_not_moving(run).startswith(
        f"What “reserve” did is undone at {run.wake_at:{MOMENT}}, attempt 2; "
        f"an operator can make it at once. {cause}"
    )
    Run.objects.filter(pk=run.pk).update(wake_at=timezone.now() - timedelta(seconds=1))
    run = anew(run)
    assert why_not_moving(run).startswith("What “reserve” did is undone as soon as a worker is free. Stopped")
    taken(run)
    assert why_not_moving(anew(run)).startswith(
        "What “reserve” did is being undone by host:1:thread. Stopped"
    )


def test_what_was_undone_and_what_could_not_be(northwind: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEEDED_FILE", "/nowhere")
    assert why_not_moving(undoing(northwind, attempts=1)) == (
        "Compensation failed at “reserve”: What the run did could not all be undone. Not undone: “reserve”. "
        "Undo it by hand, or mend what stops the compensation and try again. "
        "An operator can have it tried again."
    )
    words = why_not_moving(undoing(northwind, attempts=1, function="nothing@1"))
    assert words.endswith("What it had done has been undone. It does not go on: start a new run.")
    undo = {"kind": "function", "function": "nothing@1", "inputs": {"text": "$letter"}}
    wait = {"kind": "timer", "key": "cool_off", "seconds": HOUR, "next": "end"}
    run = driven(northwind, workflow(call("reserve", "cool_off", compensate=undo), wait, call("end")))
    cancel_run(run, actor=northwind.operator, reason="sent twice")
    assert why_not_moving(finish(run)) == (
        f"Cancelled by {northwind.operator.name} at “cool_off”. Reason: sent twice. "
        "What it had done has been undone."
    )


def test_a_quarantine_and_a_failure_say_what_to_do(northwind: Company) -> None:
    run = failed(northwind)
    assert why_not_moving(run).startswith("Failed at “book”: The function failed.")
    run.state = Run.State.QUARANTINED
    assert why_not_moving(run).startswith("Quarantined at “book”: ")
    assert why_not_moving(run).endswith("An operator can resume it from there.")


def test_a_deadline_is_named_until_the_run_has_ended(northwind: Company) -> None:
    run, over = timed(northwind), driven(northwind, workflow(call("book", **FAILS)))
    for each in (run, over):
        each.deadline_at = timezone.now()
    assert why_not_moving(run).endswith(f"must have ended by {run.deadline_at:{MOMENT}}, or it fails.")
    assert "must have ended" not in why_not_moving(over)
