"""Telling a run what happened outside: early, in time, twice, late and after its end."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from governance.errors import Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.models import Event
from runs.artifacts.opening import bytes_of
from runs.durable.cancel import cancel_run
from runs.durable.drive import drive
from runs.durable.resume import resume_run
from runs.durable.signal import send_signal
from runs.lineage.models import Edge
from runs.records.models import Run, Step
from runs.signals.models import Signal, Taking
from runs.signals.taking import take
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released
from tests.factories.waits import let_time_pass, looked_at, waiting, with_late_way
from tests.harness.fresh import FreshDatabase


def told(company: Company, run: Run, key: str = "k1", payload: Any = None, **more: Any) -> Signal:
    values = {"name": "paid", "payload": {"amount": 12} if payload is None else payload, **more}
    signal, _ = send_signal(run, actor=company.operator, key=key, **values)
    return signal


def test_a_run_waits_until_the_signal_comes_and_goes_on_with_its_payload(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, waiting())))
    assert (run.state, run.waits_for, run.wake_at) == ("waiting", "event", None)

    signal = told(northwind, run)
    assert Run.objects.get(pk=run.pk).state == "ready"
    done = finish(run)

    assert done.state == "succeeded"
    step = Step.objects.get(run=run, node="payment")
    assert step.output_id == signal.payload_id
    assert step.output is not None
    assert bytes_of(step.output) == b'{"amount":12}'
    assert step.facts["key"] == "k1"
    assert step.facts["sender"] == northwind.operator.name
    assert Taking.objects.get(signal=signal).step == step
    edge = Edge.objects.get(step=step, role="input")
    assert (edge.source, edge.artifact_id) == ("signal:paid", signal.payload_id)


def test_what_comes_before_the_wait_is_kept_for_it(northwind: Company) -> None:
    run = begin(northwind, released(northwind, waiting(before=True)))
    told(northwind, run)
    assert run.state == "queued"

    assert finish(run).state == "succeeded"
    assert not Event.objects.of_run(run.pk).filter(kind="run.waited").exists()


def test_the_same_key_tells_it_once(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, waiting())))

    first, created = send_signal(run, actor=northwind.operator, name="paid", key="k", payload={"a": 1})
    again, created_again = send_signal(run, actor=northwind.operator, name="paid", key="k", payload={"a": 1})

    assert (created, created_again, again) == (True, False, first)
    with pytest.raises(WrongState, match="another payload"):
        send_signal(run, actor=northwind.operator, name="paid", key="k", payload={"a": 2})
    assert Signal.objects.count() == 1
    [event] = Event.objects.of_run(run.pk).filter(kind="run.signalled")
    assert event.actor_name == northwind.operator.name
    assert (event.details["name"], event.details["key"]) == ("paid", "k")


def test_a_repeated_key_is_answered_after_the_end_too(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, waiting())))
    signal = told(northwind, run)
    assert finish(run).state == "succeeded"

    assert told(northwind, run) == signal


def test_two_signals_are_taken_by_two_waits_in_their_order(northwind: Company) -> None:
    content = waiting()
    content["nodes"][0]["next"] = "second"
    content["nodes"].insert(1, {"kind": "wait_event", "key": "second", "event": "paid", "next": "last"})
    run = begin(northwind, released(northwind, content))
    first, second = told(northwind, run, "one", {"n": 1}), told(northwind, run, "two", {"n": 2})

    assert finish(run).state == "succeeded"
    taken = {found.step.node: found.signal for found in Taking.objects.select_related("step", "signal")}
    assert taken == {"payment": first, "second": second}


def test_a_signal_after_the_end_is_refused_and_recorded_nowhere(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, waiting())))
    cancel_run(run, actor=northwind.operator, reason="not needed")
    events = Event.objects.of_run(run.pk).count()

    with pytest.raises(WrongState, match="cancelled"):
        told(northwind, run)

    assert not Signal.objects.exists()
    assert Event.objects.of_run(run.pk).count() == events


def test_nothing_in_time_ends_the_run_and_a_resumed_run_waits_anew(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run = finish(begin(northwind, released(northwind, waiting(timeout_s=60))))
    let_time_pass(fresh_database, run, 61)

    failed = looked_at(run)
    assert failed.state == "failed"
    assert failed.error is not None
    assert (failed.error.code, failed.error.node) == ("event_timed_out", "payment")
    with pytest.raises(WrongState):
        told(northwind, run)

    resume_run(run, actor=northwind.operator, reason="It is mended.")
    again = finish(run)
    assert (again.state, again.waits_for) == ("waiting", "event")
    assert again.wake_at is not None
    told(northwind, run)
    assert finish(run).state == "succeeded"


def test_nothing_in_time_goes_on_where_the_workflow_says(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    content = with_late_way(waiting(before=True, timeout_s=60), "payment")
    run = finish(begin(northwind, released(northwind, content)))
    let_time_pass(fresh_database, run, 61)

    done = looked_at(run)
    assert done.state == "succeeded", done.error
    assert [step.node for step in Step.objects.filter(run=run)] == ["first", "payment", "late"]
    assert Step.objects.get(run=run, node="payment").chosen == "late"


def test_what_comes_when_the_time_is_over_does_not_count(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    """Whether a worker looked in between makes no difference: the clock decides."""
    content = with_late_way(waiting(before=True, timeout_s=60), "payment")
    run = finish(begin(northwind, released(northwind, content)))
    let_time_pass(fresh_database, run, 61)

    signal = told(northwind, run)
    done = finish(run)

    assert [step.node for step in Step.objects.filter(run=run)] == ["first", "payment", "late"]
    assert done.state == "succeeded"
    assert not Taking.objects.filter(signal=signal).exists()


def test_what_came_in_time_counts_though_it_is_looked_at_late(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run = finish(begin(northwind, released(northwind, waiting(timeout_s=60))))
    told(northwind, run)
    with fresh_database.connect("owner") as owner:
        owner.execute(
            "UPDATE runs_run SET wake_at = (SELECT max(at) FROM runs_signal) WHERE id = %s", [run.pk]
        )

    assert finish(run).state == "succeeded"


def test_a_signal_does_not_cut_another_wait_short(northwind: Company) -> None:
    content = waiting(before=True)
    content["nodes"][0] = {"kind": "timer", "key": "first", "seconds": 60, "next": "payment"}
    content["output"] = "last"
    run = finish(begin(northwind, released(northwind, content)))
    assert run.waits_for == "timer"

    told(northwind, run)

    assert Run.objects.get(pk=run.pk).state == "waiting"


def test_a_signal_that_comes_while_the_run_falls_asleep_is_not_missed(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    """One worker drives while another connection sends: whoever is first, the run goes on."""
    release = released(northwind, waiting())
    for number in range(10):
        run = begin(northwind, release)

        def send(run: Run = run, number: int = number) -> object:
            return told(northwind, run, str(number))

        def work(run: Run = run) -> object:
            return drive(run.pk, worker="one")

        answers = fresh_database.at_once(send, work)
        assert not [answer for answer in answers if isinstance(answer, Exception)], answers
        found = Run.objects.get(pk=run.pk)
        assert found.state in {"ready", "succeeded"}
        assert finish(run).state == "succeeded"


def test_ten_senders_with_one_key_make_one_signal(fresh_database: FreshDatabase, northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, waiting())))
    operator = northwind.operator

    answers = fresh_database.at_once(
        *[lambda: send_signal(run, actor=operator, name="paid", key="k", payload={"a": 1})] * 10
    )

    assert sorted(answer[1] for answer in answers if not isinstance(answer, Exception)) == [False] * 9 + [
        True
    ]
    assert Signal.objects.count() == 1


def test_the_database_lets_no_signal_be_taken_twice_nor_by_another_run(northwind: Company) -> None:
    release = released(northwind, waiting())
    run, other = begin(northwind, release), begin(northwind, release)
    signal, foreign = told(northwind, run), told(northwind, other)
    finish(run)
    step = Step.objects.get(run=run, node="payment")

    with pytest.raises(IntegrityError, match="taking"), transaction.atomic():
        take(signal, step=step.pk)
    with pytest.raises(IntegrityError, match="did not wait for this signal"), transaction.atomic():
        take(foreign, step=step.pk)


def test_the_database_takes_no_signal_for_a_run_that_has_ended(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(1))))
    given = run.inputs.get().artifact

    with pytest.raises(IntegrityError, match="takes no such signal"), transaction.atomic():
        Signal.objects.create(
            run=run, name="paid", key="k", payload=given, sender=northwind.operator, sender_name="x"
        )


@pytest.mark.parametrize(
    ("name", "key", "payload", "field"),
    [
        ("unknown", "k", {}, "name"),
        ("Paid", "k", {}, "name"),
        ("paid", "", {}, "key"),
        ("paid", "x" * 201, {}, "key"),
        ("paid", "a\x00", {}, "key"),
        ("paid", "k", {"a": 0.5}, ""),
        ("paid", "k", "\ud800", ""),
        ("paid", "k", "x" * 1_000_001, ""),
    ],
)
def test_what_cannot_be_recorded_is_refused(
    northwind: Company, name: str, key: str, payload: Any, field: str
) -> None:
    run = begin(northwind, released(northwind, waiting()))

    with pytest.raises(Invalid) as refusal:
        send_signal(run, actor=northwind.operator, name=name, key=key, payload=payload)

    assert field in refusal.value.fields or not field
    assert not Signal.objects.exists()


def test_only_operators_send_signals(northwind: Company, rival: Company) -> None:
    run = begin(northwind, released(northwind, waiting()))

    with pytest.raises(NotAllowed):
        send_signal(run, actor=northwind.author, name="paid", key="k", payload={})
    with pytest.raises(NotVisible):
        send_signal(run, actor=rival.operator, name="paid", key="k", payload={})


def test_an_altered_payload_is_not_used(fresh_database: FreshDatabase, northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, waiting())))
    signal = told(northwind, run)
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE runs_artifact DISABLE TRIGGER refuse_change")
        owner.execute("UPDATE runs_artifact SET body = 'other' WHERE id = %s", [signal.payload_id])

    failed = finish(run)

    assert failed.state == "failed"
    assert not Taking.objects.exists()
