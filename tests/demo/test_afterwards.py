"""What followed at the bank: told through the services, once, and whole after an interruption anywhere."""

from collections import Counter
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from governance.access.permissions import Role
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.releases.models import Opening
from portal.demo import afterwards, answers, cast, experiments, outage, post_room, report, story
from portal.demo.letters import all_letters
from portal.demo.play import play
from portal.demo.releasing import put_into_effect
from runs.artifacts.opening import bytes_of
from runs.durable.decide import decide
from runs.durable.why import why_not_moving
from runs.durable.why_waiting import MOMENT
from runs.insight.mishaps import mishaps_of
from runs.memory.models import Entry
from runs.people.models import Task
from runs.records.models import Run, Step
from runs.schedules.models import Schedule
from runs.webhooks.models import Delivery, Webhook
from tests.demo.killing import Killed, killed
from tests.providers.serving import Serving

pytestmark = pytest.mark.usefixtures("harbour", "serving", "worked_off")
# In the order of the story, so that each is reached when all before it have been told.
SEAMS = (
    (experiments, "fork_run"),
    (experiments, "replay_run"),
    (answers, "put_into_effect"),
    (answers, "start_run"),
    (answers, "settled"),
    (answers, "decide"),
    (answers, "send_signal"),
    (afterwards, "revert_entry"),
    (answers, "cancel_run"),
    (post_room, "create_schedule"),
    (post_room, "receive"),
    (post_room, "settled"),
    (experiments, "settled"),
    (experiments, "verify_run"),
    (outage, "start_run"),
    (outage, "set_opening"),
    (outage, "decide"),
    (outage, "resume_run"),
)


@dataclass(frozen=True)
class Bank:
    """The cast, and what is released."""

    cast: cast.Cast
    stage: story.Stage

    def tell(self) -> None:
        """All that followed."""
        afterwards.tell_afterwards(self.cast, self.stage)


def bank(letters: int) -> Bank:
    """A bank at which so many letters have a drafted reply."""
    company = cast.assemble()
    stage = story.prepare(company, weights_sha256="")
    put_into_effect(company, stage.second, reason="Begin.")
    play(company, stage, all_letters()[:letters], label="", occasion="test")
    story.finish(company, stage)
    return Bank(company, stage)


def answer(number: int) -> Run:
    """The run that answers the letter of this number."""
    return Run.objects.get(idempotency_key=f"answer-{number}")


def remembered(namespace: str, key: str) -> list[dict[str, object]]:
    """Every version of the value, the first one first, with the step or the version that made it."""
    found = Entry.objects.filter(namespace=namespace, key=key).select_related("artifact", "step", "restores")
    return [
        {
            "says": bytes_of(entry.artifact).decode(),
            "by": entry.step.node if entry.step else f"back to {entry.restores}",
        }
        for entry in found.order_by("number")
    ]


def told() -> dict[str, object]:
    """The whole of it: runs by workflow, origin and state, memory, events by kind."""
    runs = Run.objects.values_list("workflow__slug", "origin", "state", "waits_for", "reference")
    return {
        "runs": Counter(runs),
        "memory": Counter(map(str, Entry.objects.all())),
        "steps": Counter(Step.objects.values_list("run__reference", "node", "state")),
        "post": (Webhook.objects.count(), Delivery.objects.count(), Schedule.objects.count()),
        "verified": Event.objects.filter(kind=Kind.RUN_VERIFIED).count(),
    }


def test_a_person_corrected_a_reply_and_the_original_is_kept() -> None:
    bank(1).tell()

    run = answer(1)
    edit = Step.objects.select_related("output").get(run=run, node="edit")
    assert run.state == Run.State.SUCCEEDED
    assert edit.output is not None
    assert bytes_of(edit.output).decode() == answers.FIRST_ANSWER
    task = Task.objects.get(run=run)
    assert (task.decision, task.decided_by_name) == ("edit", "Ines Calder")
    original = run.inputs.get(name="reply").artifact
    assert bytes_of(original) == b"The customer was charged twice."
    assert edit.edges.filter(role="input", artifact=original).exists()


def test_one_run_waits_for_a_person_and_one_for_its_sending() -> None:
    told_bank = bank(5)
    told_bank.tell()

    waiting = answer(3)
    assert "waits for somebody of the team “Complaints desk” to correct it" in why_not_moving(waiting)
    assert "is asked as well from" in why_not_moving(waiting)
    open_tasks = Task.objects.waiting_for(told_bank.cast.people[Role.OPERATOR])
    assert [task.run_id for task in open_tasks] == [waiting.pk]
    assert "“sent” waits for the signal “answer.sent”" in why_not_moving(answer(4))


def test_a_withdrawn_case_is_struck_from_the_register() -> None:
    bank(5).tell()

    run = answer(5)
    assert run.state == Run.State.COMPENSATED
    assert why_not_moving(run).endswith("What it had done has been undone.")
    assert Task.objects.get(run=run).state == Task.State.WITHDRAWN
    opened, struck = remembered("register", "CASE-88205")
    assert '"state":"open"' in str(opened["says"])
    assert '"state":"struck"' in str(struck["says"])


def test_what_was_noted_for_the_wrong_customer_is_gone_back_on() -> None:
    bank(2).tell()

    right, wrong, again = remembered("customers", "C-10417")
    assert (right["by"], wrong["by"], again["by"]) == ("note", "note", "back to customers/C-10417@1")
    assert '"letters":2' in str(wrong["says"])
    assert again["says"] == right["says"]
    assert "has written 1 time before" in recognised(answer(2))


def recognised(run: Run) -> str:
    """What was remembered of the customer, as its step said it."""
    step = Step.objects.select_related("output").get(run=run, node="recognise")
    assert step.output is not None
    return bytes_of(step.output).decode()


def test_a_reply_was_drafted_by_the_prompt_that_nobody_approved_and_the_records_hold() -> None:
    told_bank = bank(1)
    told_bank.tell()

    fork = Run.objects.select_related("environment", "source").get(origin=Run.Origin.FORK)
    drafted = Step.objects.with_names().get(run=fork, node="draft_reply")
    assert (fork.environment.slug, fork.approvals) == ("development", [])
    assert str(drafted.prompt_version) == "complaint-reply v3"
    replay = Run.objects.get(origin=Run.Origin.REPLAY)
    assert replay.source == fork.source
    verified = Event.objects.filter(kind=Kind.RUN_VERIFIED)
    assert {event.object_id for event in verified} == {replay.pk, replay.source_id}
    assert all(event.details["holds"] for event in verified)
    assert {event.actor_name for event in verified} == {"Tom Adeyemi"}


def test_the_days_post_was_cleared_at_once_and_waits_for_late_pages() -> None:
    bank(1).tell()

    run = Run.objects.get(workflow__slug="morning-post", parent=None)
    assert "“late_pages” lets time pass until" in why_not_moving(run)
    slices = Run.objects.filter(parent=run).values_list("first_item", "end_item").order_by("first_item")
    assert list(slices) == [(0, 3), (3, 6), (6, 9), (9, 12)]
    tally = Step.objects.select_related("output").get(run=run, node="tally")
    assert tally.output is not None
    assert bytes_of(tally.output) == b'{"letters":12,"with_numbers":1}'


def test_the_scanner_delivered_it_and_the_post_room_has_its_hours() -> None:
    bank(1).tell()

    webhook, schedule = Webhook.objects.get(), Schedule.objects.get()
    run = Run.objects.get(workflow__slug="morning-post", parent=None)
    assert run.origin == Run.Origin.WEBHOOK
    assert Delivery.objects.get(webhook=webhook).run_id == run.pk
    assert schedule.is_on
    assert schedule.next_at is not None
    assert schedule.next_at.astimezone(ZoneInfo("Europe/Berlin")).hour == 7


def test_the_closing_words_lead_to_what_waits_and_to_what_was_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    bank(3).tell()
    monkeypatch.setattr(report, "ORGANISATION", cast.ORGANISATION)

    runs = list(Run.objects.with_names().filter(workflow__slug="complaint-handling").order_by("id"))
    words = report.welcome("http://here", runs)

    fork, task = Run.objects.get(origin=Run.Origin.FORK), Task.objects.undecided().get()
    assert f"http://here{reverse('runs:compare', args=[fork.source_id, fork.pk])}\n" in words
    assert f"http://here{reverse('runs:task', args=[task.pk])}\n" in words
    assert "An output to trace:" in words


def test_told_again_nothing_happens_again() -> None:
    told_bank = bank(5)
    told_bank.tell()
    before = told()

    told_bank.tell()

    assert told() == before


def test_a_task_that_the_visitor_decided_meanwhile_stays_decided() -> None:
    told_bank = bank(3)
    told_bank.tell()
    task = Task.objects.undecided().get()
    decide(task, actor=told_bank.cast.people[Role.OPERATOR], decision="accept", reason="It will do.")

    told_bank.tell()

    assert (answer(3).state, answer(3).waits_for) == (Run.State.WAITING, Run.WaitsFor.EVENT)


def test_letters_that_are_answered_later_are_told_later() -> None:
    told_bank = bank(2)
    told_bank.tell()
    assert not Run.objects.filter(idempotency_key="answer-3").exists()
    play(told_bank.cast, told_bank.stage, all_letters()[2:5], label="", occasion="later")

    told_bank.tell()

    assert answer(3).waits_for == Run.WaitsFor.PERSON
    assert Run.objects.filter(origin=Run.Origin.FORK).count() == 1


def test_without_a_reply_only_the_post_is_told(serving: Serving) -> None:
    serving.be("mute")

    bank(1).tell()

    assert set(Run.objects.values_list("workflow__slug", flat=True)) == {"complaint-handling", "morning-post"}


def test_interrupted_at_every_turn_it_is_whole_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    told_bank = bank(5)
    for room, name in SEAMS:
        with monkeypatch.context() as moment:
            moment.setattr(room, name, killed)
            with pytest.raises(Killed):
                told_bank.tell()

    told_bank.tell()

    answered = {number: (answer(number).state, answer(number).waits_for) for number in range(1, 6)}
    assert answered == {
        1: ("succeeded", ""),
        2: ("succeeded", ""),
        3: ("waiting", "person"),
        4: ("waiting", "event"),
        5: ("compensated", ""),
    }
    assert len(remembered("customers", "C-10417")) == 3
    assert Opening.objects.filter(set_by_name="Ruth Okafor").count() == 2
    assert Counter(Run.objects.values_list("origin", flat=True)) == {
        "command": 11,
        "webhook": 1,
        "items": 4,
        "fork": 1,
        "replay": 1,
    }
    assert Event.objects.filter(kind=Kind.RUN_VERIFIED).count() == 2


def test_a_run_failed_while_its_provider_was_closed_and_was_resumed() -> None:
    bank(1).tell()

    run = Run.objects.get(workflow__slug=outage.SLUG)
    assert run.state == Run.State.SUCCEEDED
    attempts = Step.objects.filter(run=run, node="brief").order_by("attempt")
    assert [step.state for step in attempts] == ["failed", "succeeded"]
    assert attempts[0].error is not None
    assert attempts[0].error.code == "provider_not_open"
    (resumption,) = mishaps_of(run)
    assert resumption.says.endswith(f"go on at {resumption.at:{MOMENT}}: “{outage.RESUMED}”")
    owners = Opening.objects.filter(set_by_name="Ruth Okafor").order_by("id")
    assert [found.reason for found in owners] == [outage.CLOSED, outage.OPENED]
