"""What runs ask of people: asked, decided once, shown to more people, expired, withdrawn."""

import json
from typing import Any

import pytest

from governance.errors import Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.models import Event
from runs.artifacts.services import open_artifact
from runs.durable.cancel import cancel_run
from runs.durable.decide import decide
from runs.durable.resume import resume_run
from runs.lineage.models import Edge
from runs.people.eligibility import standing
from runs.people.models import Task
from runs.records.models import Run, Step
from tests.factories.cast import Company
from tests.factories.runs import LETTER, begin, finish, released
from tests.factories.waits import asking, let_time_pass, looked_at, task_of, team_of, with_late_way
from tests.harness.fresh import FreshDatabase


def asked(company: Company, task: str, **node: Any) -> Run:
    """A run in development that waits for a person."""
    run = finish(begin(company, released(company, asking(task, **node))))
    assert (run.state, run.waits_for) == ("waiting", "person"), run.error
    return run


def output_of(run: Run) -> Any:
    step = Step.objects.select_related("output").get(run=run, node="ask", state="succeeded")
    assert step.output is not None
    body = open_artifact(step.output)
    return json.loads(body) if step.output.media_type == "application/json" else body.decode()


def kinds(run: Run, noun: str = "task") -> list[str]:
    return [event.kind for event in Event.objects.of_run(run.pk) if event.kind.startswith(f"{noun}.")]


def test_a_task_stands_when_its_run_falls_asleep(northwind: Company) -> None:
    run = asked(northwind, "approve", instructions="Read it twice.", timeout_s=3600)

    task = Task.objects.get(run=run)
    assert (task.state, task.kind, task.node, task.position) == ("open", "approve", "ask", 1)
    assert (task.title, task.instructions) == ("Look at the reply", "Read it twice.")
    assert task.deadline_at == run.wake_at
    assert {found["name"]: found["source"] for found in task.shown} == {
        "letter": "$letter",
        "subject": "draft.text",
    }
    assert kinds(run) == ["task.opened"]


@pytest.mark.parametrize(("decision", "approved"), [("approve", True), ("reject", False)])
def test_an_approval_is_the_output_with_its_comment(
    northwind: Company, decision: str, approved: bool
) -> None:
    run = asked(northwind, "approve")

    decide(task_of(run), actor=northwind.operator, decision=decision, reason="It says so.")

    assert finish(run).state == "succeeded"
    assert output_of(run) == {"approved": approved, "comment": "It says so."}
    step = Step.objects.get(run=run, node="ask")
    assert step.facts["decision"] == decision
    assert step.facts["decided_by"] == northwind.operator.name
    assert step.facts["reason"] == "It says so."
    assert kinds(run) == ["task.opened", "task.decided"]


def test_a_choice_is_the_output(northwind: Company) -> None:
    run = asked(northwind, "choose", choices=["refund", "refuse"])

    with pytest.raises(Invalid):
        decide(task_of(run), actor=northwind.operator, decision="else", reason="x")
    decide(task_of(run), actor=northwind.operator, decision="refund", reason="Fair.")

    assert finish(run).state == "succeeded"
    assert output_of(run) == {"choice": "refund", "comment": "Fair."}


def test_an_edit_is_the_output_and_the_original_is_kept_as_what_was_read(northwind: Company) -> None:
    run = asked(northwind, "edit")

    task = decide(
        task_of(run), actor=northwind.operator, decision="edit", reason="Politer.", value="Dear customer."
    )

    done = finish(run)
    assert done.state == "succeeded"
    assert output_of(run) == "Dear customer."
    assert done.output_id == task.edited_id
    draft = Step.objects.get(run=run, node="draft")
    read = Edge.objects.get(step__run=run, step__node="ask", role="input", name="subject")
    assert (read.artifact_id, read.source) == (draft.output_id, "draft.text")
    assert done.output_id != draft.output_id


def test_a_subject_that_is_left_as_it_is_is_the_output(northwind: Company) -> None:
    run = asked(northwind, "edit")

    decide(task_of(run), actor=northwind.operator, decision="accept", reason="Good.")

    assert finish(run).state == "succeeded"
    assert output_of(run) == LETTER


def test_an_object_is_edited_as_an_object(northwind: Company) -> None:
    run = asked(northwind, "edit", subject="draft")

    with pytest.raises(Invalid, match="a JSON value"):
        decide(task_of(run), actor=northwind.operator, decision="edit", reason="x", value="text")
    decide(task_of(run), actor=northwind.operator, decision="edit", reason="x", value={"text": "new"})

    assert finish(run).state == "succeeded"
    assert output_of(run) == {"text": "new"}


@pytest.mark.parametrize("value", [None, "", LETTER, {"a": 1}, "a\x00", "\ud800", "x" * 1_000_001])
def test_what_is_no_edit_is_refused(northwind: Company, value: Any) -> None:
    run = asked(northwind, "edit")

    with pytest.raises(Invalid) as refusal:
        decide(task_of(run), actor=northwind.operator, decision="edit", reason="x", value=value)

    assert "value" in refusal.value.fields
    assert Task.objects.get(run=run).state == "open"


@pytest.mark.parametrize("reason", ["", " ", "a\x00", "x" * 2001])
def test_a_reason_is_needed(northwind: Company, reason: str) -> None:
    run = asked(northwind, "approve")

    with pytest.raises(Invalid) as refusal:
        decide(task_of(run), actor=northwind.operator, decision="approve", reason=reason)

    assert "reason" in refusal.value.fields


def test_the_second_decision_is_refused_and_its_attempt_recorded(northwind: Company) -> None:
    run = asked(northwind, "approve")
    task = task_of(run)
    decide(task, actor=northwind.operator, decision="approve", reason="first")

    with pytest.raises(WrongState, match=f"{northwind.operator.name} decided this"):
        decide(task, actor=northwind.operator, decision="reject", reason="second")

    [refused] = Event.objects.of_run(run.pk).filter(kind="task.refused")
    assert refused.details["decision"] == "reject"
    assert finish(run).state == "succeeded"
    assert output_of(run)["approved"] is True


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    team_of(northwind, "Desk", northwind.operator, northwind.author)
    run = asked(northwind, "approve", team="desk")
    task, people = task_of(run), [northwind.operator, northwind.author]

    answers = fresh_database.at_once(
        *[lambda who=who: decide(task, actor=who, decision="approve", reason=who.name) for who in people]
    )

    winners = [answer for answer in answers if isinstance(answer, Task)]
    losers = [answer for answer in answers if isinstance(answer, WrongState)]
    assert (len(winners), len(losers)) == (1, 1), answers
    assert sorted(kinds(run)) == ["task.decided", "task.opened", "task.refused"]
    assert finish(run).state == "succeeded"
    assert output_of(run)["comment"] == winners[0].decided_by_name


def test_only_those_who_are_asked_decide(northwind: Company, rival: Company) -> None:
    run = asked(northwind, "approve")

    with pytest.raises(NotAllowed, match="those who may start"):
        decide(task_of(run), actor=northwind.author, decision="approve", reason="x")
    with pytest.raises(NotVisible):
        decide(task_of(run), actor=rival.operator, decision="approve", reason="x")

    assert kinds(run) == ["task.opened", "task.refused"], "who does not see it leaves no trace in it"


def test_a_team_is_asked_and_nobody_else(northwind: Company) -> None:
    team_of(northwind, "Fraud Desk", northwind.auditor)
    run = asked(northwind, "approve", team="fraud-desk")

    with pytest.raises(NotAllowed, match="Fraud Desk"):
        decide(task_of(run), actor=northwind.operator, decision="approve", reason="x")
    assert list(Task.objects.waiting_for(northwind.operator)) == []
    assert [task.run for task in Task.objects.waiting_for(northwind.auditor)] == [run]

    decide(task_of(run), actor=northwind.auditor, decision="approve", reason="x")
    assert finish(run).state == "succeeded"


def test_a_member_without_reach_does_not_see_it(northwind: Company) -> None:
    team_of(northwind, "Desk", northwind.stranger)
    run = asked(northwind, "approve", team="Desk")

    assert list(Task.objects.waiting_for(northwind.stranger)) == []
    with pytest.raises(NotVisible):
        decide(task_of(run), actor=northwind.stranger, decision="approve", reason="x")


def test_a_team_that_is_not_there_stops_the_run_until_it_is(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, asking("approve", team="nobody"))))
    assert run.error is not None
    assert (run.state, run.error.code) == ("failed", "no_such_team")

    team_of(northwind, "Nobody", northwind.operator)
    resume_run(run, actor=northwind.operator)
    assert finish(run).state == "waiting"


def test_nobody_approves_what_their_own_run_asks_in_a_protected_place(northwind: Company) -> None:
    team_of(northwind, "Desk", northwind.operator, northwind.approver)
    release = released(northwind, asking("approve", team="Desk"), environment=northwind.production)
    run = finish(begin(northwind, release))

    assert list(Task.objects.waiting_for(northwind.operator)) == []
    with pytest.raises(NotAllowed, match="You started this run") as refusal:
        decide(task_of(run), actor=northwind.operator, decision="approve", reason="mine")
    assert refusal.value.missing == "separation of duties"
    assert kinds(run) == ["task.opened", "task.refused"]

    decide(task_of(run), actor=northwind.approver, decision="approve", reason="seen")
    assert finish(run).state == "succeeded"


def test_who_started_it_may_choose_and_edit(northwind: Company) -> None:
    content = asking("choose", choices=["a", "b"])
    run = finish(begin(northwind, released(northwind, content, environment=northwind.production)))

    assert [task.run for task in Task.objects.waiting_for(northwind.operator)] == [run]
    decide(task_of(run), actor=northwind.operator, decision="a", reason="x")


def test_after_a_while_more_people_are_asked(fresh_database: FreshDatabase, northwind: Company) -> None:
    team_of(northwind, "Desk", northwind.author)
    team_of(northwind, "Heads", northwind.auditor)
    late = {"escalate_to": "heads", "escalate_after_s": 60, "timeout_s": 600}
    run = asked(northwind, "approve", team="desk", **late)
    with pytest.raises(NotAllowed):
        decide(task_of(run), actor=northwind.auditor, decision="approve", reason="x")

    let_time_pass(fresh_database, run, 61)

    # It shows by the time alone, and is recorded when a worker looks.
    assert [task.run for task in Task.objects.waiting_for(northwind.auditor)] == [run]
    waits = looked_at(run)
    looked_at(run)
    task = task_of(run)
    assert kinds(run).count("task.escalated") == 1
    assert task.escalated_at is not None
    assert (waits.state, waits.wake_at) == ("waiting", task.deadline_at)
    decide(task, actor=northwind.auditor, decision="approve", reason="x")
    assert finish(run).state == "succeeded"


def test_a_task_that_nobody_decides_expires_and_a_resumed_run_asks_anew(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run = asked(northwind, "approve", timeout_s=60)
    first = task_of(run)
    let_time_pass(fresh_database, run, 61)

    with pytest.raises(WrongState, match="time for this task is over"):
        decide(first, actor=northwind.operator, decision="approve", reason="too late")
    failed = looked_at(run)

    assert failed.error is not None
    assert (failed.state, failed.error.code) == ("failed", "task_expired")
    assert Task.objects.get(pk=first.pk).state == "expired"
    assert kinds(run) == ["task.opened", "task.refused", "task.expired"]

    resume_run(run, actor=northwind.operator)
    finish(run)
    second = task_of(run)
    assert second.pk != first.pk
    decide(second, actor=northwind.operator, decision="approve", reason="x")
    assert finish(run).state == "succeeded"


def test_without_a_decision_the_run_goes_on_where_the_workflow_says(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run = asked_late(northwind)
    let_time_pass(fresh_database, run, 61)

    done = looked_at(run)
    assert done.state == "succeeded", done.error
    assert [step.node for step in Step.objects.filter(run=run)] == ["draft", "ask", "late"]
    assert Task.objects.get(run=run).state == "expired"


def asked_late(company: Company) -> Run:
    content = with_late_way(asking("approve", timeout_s=60), "ask")
    return finish(begin(company, released(company, content)))


def test_a_cancelled_run_withdraws_what_it_asks(northwind: Company) -> None:
    run = asked(northwind, "approve")
    task = task_of(run)

    cancel_run(run, actor=northwind.operator, reason="not needed")

    assert Task.objects.get(pk=task.pk).state == "withdrawn"
    assert kinds(run) == ["task.opened", "task.withdrawn"]
    with pytest.raises(WrongState, match="withdrawn"):
        decide(task, actor=northwind.operator, decision="approve", reason="x")


def test_a_run_whose_deadline_passes_withdraws_what_it_asks(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run = asked(northwind, "approve")
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE runs_run DISABLE TRIGGER guard_run")
        owner.execute("UPDATE runs_run SET deadline_at = now() - interval '1 s' WHERE id = %s", [run.pk])
        owner.execute("ALTER TABLE runs_run ENABLE ALWAYS TRIGGER guard_run")

    ended = looked_at(run)

    assert ended.error is not None
    assert (ended.state, ended.error.code) == ("failed", "deadline_passed")
    assert Task.objects.get(run=run).state == "withdrawn"


@pytest.mark.parametrize("part", ["operator", "author", "approver", "auditor", "owner"])
@pytest.mark.parametrize("team", [None, "desk"])
@pytest.mark.parametrize("place", ["development", "production"])
def test_the_list_and_the_single_task_agree_on_who_is_asked(
    northwind: Company, part: str, team: str | None, place: str
) -> None:
    team_of(northwind, "Desk", northwind.approver, northwind.operator)
    environment = getattr(northwind, place)
    release = released(northwind, asking("approve", team=team), environment=environment)
    run = finish(begin(northwind, release))
    person = northwind.person(part)

    listed = Task.objects.waiting_for(person).filter(run=run).exists()
    assert listed == (standing(task_of(run), person) is None)
