"""What runs ask of people, and the decision that is the step's output: once, with its reason."""

from typing import Any

import pytest

from governance.errors import Invalid, WrongState
from governance.ledger.models import Event
from runs.durable.decide import decide
from runs.lineage.models import Edge
from runs.people.models import Task
from runs.records.models import Step
from tests.factories.asked import asked, kinds, output_of
from tests.factories.cast import Company
from tests.factories.runs import LETTER, finish
from tests.factories.waits import task_of, team_of
from tests.harness.fresh import FreshDatabase


def test_a_task_stands_when_its_run_falls_asleep(northwind: Company) -> None:
    run = asked(northwind, "approve", instructions="Read it twice.", timeout_s=3600)

    task = Task.objects.get(run=run)
    assert (task.state, task.kind, task.node, task.position) == ("open", "approve", "ask", 1)
    assert (task.title, task.instructions) == ("Look at the reply", "Read it twice.")
    assert task.deadline_at == run.wake_at
    assert {found["name"]: found["source"] for found in task.shown} == {
        "letter": "$letter",
        "draft": "draft.text",
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
