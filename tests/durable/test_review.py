"""Deciding on a step of which nobody knows whether it took effect."""

from typing import Any

import pytest

from governance.errors import Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.models import Event
from runs.artifacts.opening import bytes_of
from runs.durable.review import record_effect, repeat_step
from runs.lineage.models import Edge
from runs.memory.models import Entry
from runs.records.models import Run, Step
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released
from tests.factories.standing import unsure

SEEN = "the bank's statement of 3 November shows the payment"


def test_what_took_effect_is_recorded_as_a_step_by_whom_and_why_and_the_run_goes_on(
    northwind: Company,
) -> None:
    run = unsure(northwind)
    assert run.state == Run.State.NEEDS_REVIEW

    found = record_effect(run, actor=northwind.operator, output={"paid": True}, reason=SEEN)

    assert (found.state, found.cursor, found.position, found.error) == (Run.State.READY, "end", 1, None)
    [step] = Step.objects.filter(run=run)
    assert (step.node, step.state, step.attempt) == ("pay", "succeeded", 2)
    assert step.facts["recorded_by"] == northwind.operator.name
    assert step.facts["reason"] == SEEN
    assert step.output is not None
    assert bytes_of(step.output) == b'{"paid":true}'
    assert Edge.objects.filter(step=step, role="input", source="$letter").exists()
    [event] = Event.objects.of_run(run.pk).filter(kind="run.reviewed")
    assert event.actor_name == northwind.operator.name
    assert event.details["decision"] == "recorded the effect of"
    done = finish(run)
    assert (done.state, done.position) == (Run.State.SUCCEEDED, 2)


def test_what_the_step_would_have_left_in_memory_is_left_there_as_the_operators(northwind: Company) -> None:
    run = unsure(northwind, remember={"namespace": "payments", "key": "pay.account", "path": "amount"})
    for output in ({"account": "17"}, {"amount": 5}, {"account": "", "amount": 5}):
        with pytest.raises(Invalid) as refusal:
            record_effect(run, actor=northwind.operator, output=output, reason=SEEN)
        assert set(refusal.value.fields) == {"output"}
        assert Run.objects.get(pk=run.pk).state == Run.State.NEEDS_REVIEW
    assert not Entry.objects.exists()

    record_effect(run, actor=northwind.operator, output={"account": "17", "amount": 5}, reason=SEEN)

    step, [entry] = Step.objects.get(run=run, node="pay"), Entry.objects.all()
    assert (str(entry), entry.step, bytes_of(entry.artifact)) == ("payments/17@1", step, b"5")
    assert step.facts["recorded_by"] == northwind.operator.name
    [event] = Event.objects.of_run(run.pk).filter(kind="memory.written")
    assert (event.actor_name, event.details["step"]) == (northwind.operator.name, str(step.pk))
    assert finish(run).state == Run.State.SUCCEEDED
    assert Entry.objects.count() == 1


def test_what_no_output_could_have_had_remembered_keeps_nobody_from_recording_it(northwind: Company) -> None:
    run = unsure(northwind, letter="a\tkey", remember={"namespace": "payments", "key": "$letter"})

    record_effect(run, actor=northwind.operator, output={"paid": True}, reason=SEEN)

    assert "a key is one line" in Step.objects.get(run=run, node="pay").facts["not_remembered"]
    assert finish(run).state == Run.State.SUCCEEDED
    assert not Entry.objects.exists()


def test_when_it_was_the_last_step_the_run_has_succeeded(northwind: Company) -> None:
    found = record_effect(unsure(northwind, then=False), actor=northwind.operator, output="paid", reason=SEEN)

    assert found.state == Run.State.SUCCEEDED
    assert found.output is not None
    assert bytes_of(found.output) == b'"paid"'


def test_a_step_that_took_no_effect_is_attempted_once_more(northwind: Company) -> None:
    run = unsure(northwind)

    found = repeat_step(run, actor=northwind.operator, reason="the bank knows of no payment")

    assert (found.state, found.attempt, found.error) == (Run.State.READY, 2, None)
    done = finish(run)
    assert done.state == Run.State.SUCCEEDED
    assert [(step.node, step.attempt) for step in done.steps.all()] == [("pay", 2), ("end", 1)]


@pytest.mark.parametrize("output", [0.5, "a\x00", "\ud800", "x" * 1_000_001])
def test_an_output_that_cannot_be_recorded_is_refused_and_nothing_is_changed(
    northwind: Company, output: Any
) -> None:
    run = unsure(northwind)
    with pytest.raises(Invalid) as refusal:
        record_effect(run, actor=northwind.operator, output=output, reason=SEEN)
    assert set(refusal.value.fields) == {"output"}
    assert Run.objects.get(pk=run.pk).state == Run.State.NEEDS_REVIEW


def test_it_is_decided_once_by_operators_who_say_why(northwind: Company, rival: Company) -> None:
    run, untroubled = unsure(northwind), begin(northwind, released(northwind, chain(1)))
    with pytest.raises(Invalid):
        repeat_step(run, actor=northwind.operator, reason="")
    with pytest.raises(NotAllowed):
        record_effect(run, actor=northwind.auditor, output={}, reason=SEEN)
    with pytest.raises(NotVisible):
        repeat_step(run, actor=rival.operator, reason=SEEN)
    record_effect(run, actor=northwind.operator, output={}, reason=SEEN)
    with pytest.raises(WrongState, match="under review"):
        repeat_step(run, actor=northwind.operator, reason=SEEN)
    with pytest.raises(WrongState, match="under review"):
        record_effect(untroubled, actor=northwind.operator, output={}, reason=SEEN)
