"""Undoing what a failed or cancelled run has done: in reverse order, each a durable step."""

from typing import Any

import pytest

from governance.ledger.models import Event
from runs.durable import leaving
from runs.durable.claim import MOST_RECOVERIES, claim
from runs.durable.drive import drive
from runs.durable.retry_compensation import retry_compensation
from runs.durable.retry_now import retry_now
from runs.durable.sweep import sweep
from runs.durable.why import why_not_moving
from runs.records.models import Run
from tests.durable.scripts import Act, Killed, call, calling, graph, marks, script, undoable
from tests.durable.turning import again, lapse, settle
from tests.factories.cast import Company
from tests.factories.runs import begin, expire, finish, released
from tests.providers.serving import Calling

BOOM = RuntimeError("no ink")
# Two steps that can be undone, one between them that cannot, and one that may fail.
FOUR = (undoable("a"), call("plain"), undoable("b"))


def started(company: Company, *nodes: dict[str, Any]) -> Run:
    """A run of these nodes, or of the four."""
    return begin(company, released(company, graph(*(nodes or (*FOUR, call("last"))))))


def undone(run: Run) -> list[tuple[str, int, str]]:
    """The steps that undo others: whose, at which position, how they ended."""
    steps = run.steps.exclude(compensates=None).order_by("position", "attempt")
    return [(step.node, step.compensates or 0, step.state) for step in steps]


def test_a_failure_undoes_what_succeeded_in_reverse_order(northwind: Company) -> None:
    run = started(northwind)

    with script(last=[BOOM]) as called:
        done = finish(run)
        assert marks() == ["a", "plain", "b", "last", "undo_b", "undo_a"]
        assert {text for _, text in called} == {"Dear bank, you charged my card twice."}

    assert (done.state, done.lease_until) == ("compensated", None)
    assert done.finished_at is not None
    assert undone(done) == [("b", 2, "succeeded"), ("a", 0, "succeeded")]
    assert [step.position for step in done.steps.order_by("position")] == [0, 1, 2, 3, 4, 5]
    assert done.error is not None
    assert (done.error.code, done.error.node) == ("function_failed", "last"), "why it was undone is kept"
    assert done.output is None
    kinds = [event.kind for event in Event.objects.of_run(run.pk).order_by("id")]
    assert kinds[-4:] == ["run.compensating", "step.succeeded", "step.succeeded", "run.compensated"]
    assert why_not_moving(done)


def test_a_run_that_did_nothing_to_undo_just_fails(northwind: Company) -> None:
    with script(a=[BOOM]):
        done = finish(started(northwind))

    assert (done.state, undone(done)) == ("failed", [])


def test_what_undoing_reads_is_what_the_step_recorded(northwind: Company) -> None:
    node = call("a", effect="idempotent", compensate=calling("undo_a", text="a.mark"))
    with script(last=[BOOM]) as called:
        done = finish(started(northwind, node, call("last")))

        assert done.state == "compensated"
        assert called[-1] == ("undo_a", "a")


def test_one_that_fails_for_good_does_not_keep_the_others(northwind: Company) -> None:
    node = undoable("b") | {"compensate": calling("undo_b", retry={"attempts": 1})}
    run = started(northwind, undoable("a"), node, undoable("c"), call("last"))

    with script(last=[BOOM], undo_b=[BOOM]):
        done = finish(run)
        assert marks()[4:] == ["undo_c", "undo_b", "undo_a"]

    assert done.state == "compensation_failed"
    assert undone(done) == [("c", 2, "succeeded"), ("b", 1, "failed"), ("a", 0, "succeeded")]
    assert done.error is not None
    assert "Not undone: “b”." in done.error.detail
    assert Event.objects.of_run(run.pk).filter(kind="run.compensation_failed").count() == 1


def test_an_operator_has_only_what_is_left_undone_again(northwind: Company) -> None:
    node = undoable("b") | {"compensate": calling("undo_b", retry={"attempts": 1})}
    run = started(northwind, undoable("a"), node, call("last"))
    with script(last=[BOOM], undo_b=[BOOM]):
        stopped = finish(run)
        retry_compensation(stopped, actor=northwind.operator)

        done = settle(run)

        assert marks()[3:] == ["undo_b", "undo_a", "undo_b"]
    assert done.state == "compensated"


def test_a_compensation_is_tried_again_after_a_while_without_a_worker(northwind: Company) -> None:
    run = started(northwind)

    with script(last=[BOOM], undo_b=[BOOM, BOOM]):
        waiting = finish(run)

        assert (waiting.state, waiting.cursor, waiting.attempt) == ("compensating", "b", 2)
        assert (waiting.lease_until, waiting.finished_at) == (None, None)
        assert waiting.wake_at is not None
        assert "undo_a" not in marks(), "in order, one after another"
        assert settle(run).state == "compensated"

    assert undone(again(run)) == [
        ("b", 2, "failed"), ("b", 2, "failed"), ("b", 2, "succeeded"), ("a", 0, "succeeded"),
    ]  # fmt: skip
    assert list(run.steps.filter(compensates=2).values_list("attempt", flat=True)) == [1, 2, 3]


def test_a_doubled_message_does_not_hasten_an_attempt_that_was_put_off(northwind: Company) -> None:
    patient = {"attempts": 3, "first_delay_ms": 3_600_000, "cap_ms": 3_600_000}
    node = undoable("b") | {"compensate": calling("undo_b", retry=patient)}
    run = started(northwind, node, call("last"))

    with script(last=[BOOM], undo_b=[BOOM, BOOM]):
        finish(run)

        assert drive(run.pk, worker="doubled message") is False
        assert marks() == ["b", "last", "undo_b"]
        lapse(run)
        assert sweep().woken == 1
        assert drive(run.pk, worker="told by the sweeper")
        assert drive(run.pk, worker="doubled message") is False
        retry_now(again(run), actor=northwind.operator)
        assert drive(run.pk, worker="told by an operator")
        assert marks() == ["b", "last", "undo_b", "undo_b", "undo_b"]

    assert again(run).state == "compensated"


@pytest.mark.parametrize("when", ["before it is committed", "after one was committed"])
def test_a_worker_that_is_killed_while_it_undoes_is_followed_by_another(
    northwind: Company, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started(northwind)
    acts: dict[str, list[Act]] = (
        {"undo_b": [Killed()]} if when.startswith("before") else {"undo_a": [Killed()]}
    )
    told: list[Any] = []
    monkeypatch.setattr("runs.durable.sweep.announce_each", told.extend)

    with script(last=[BOOM], **acts):
        with pytest.raises(Killed):
            drive(run.pk, worker="killed")
        assert again(run).state == "compensating"
        expire(run)

        assert sweep().recovered == 1

        assert told == [run.pk], "no queue holds it: this one is announced by itself"
        left = again(run)
        assert (left.state, left.lease_until, left.recoveries) == ("compensating", None, 1)
        assert left.wake_at is not None, "should that message be lost, the sweeper comes back to it"
        lapse(run)
        assert sweep().woken == 1
        assert drive(run.pk, worker="another")
        repeated = (
            ["undo_b", "undo_b", "undo_a"] if when.startswith("before") else ["undo_b", "undo_a", "undo_a"]
        )
        assert marks()[4:] == repeated

    done = again(run)
    assert (done.state, done.recoveries) == ("compensated", 0)
    assert undone(done) == [("b", 2, "succeeded"), ("a", 0, "succeeded")]


def test_an_undoing_that_kills_its_workers_is_given_up(northwind: Company) -> None:
    run = started(northwind)
    with script(last=[BOOM], undo_b=[Killed()]), pytest.raises(Killed):
        drive(run.pk, worker="killed")
    Run.objects.filter(pk=run.pk).update(recoveries=MOST_RECOVERIES)
    expire(run)

    assert sweep().given_up == 1

    after = again(run)
    assert (after.state, after.lease_until) == ("compensation_failed", None)
    assert claim(run.pk, worker="eager") is None


def test_a_worker_that_leaves_hands_the_undoing_over(northwind: Company) -> None:
    run = started(northwind)
    with script(last=[BOOM], undo_b=[leaving.leave]):
        try:
            drive(run.pk, worker="leaving")
        finally:
            leaving.stay()
        left = again(run)
        assert (left.state, left.cursor, left.lease_until, left.recoveries) == ("compensating", "a", None, 0)
        assert sweep().woken == 1
        assert drive(run.pk, worker="next")

    assert again(run).state == "compensated"
    assert marks()[4:] == ["undo_b", "undo_a"]


def test_an_unsafe_undoing_that_was_begun_is_not_begun_twice(northwind: Company) -> None:
    """Nobody knows whether it took effect: it is told as not undone, and the others are undone."""
    node = undoable("b") | {"compensate": calling("undo_b", effect="unsafe")}
    run = started(northwind, undoable("a"), node, call("last"))
    with script(last=[BOOM], undo_b=[Killed()]):
        with pytest.raises(Killed):
            drive(run.pk, worker="killed")
        expire(run)
        drive(run.pk, worker="another")
        assert marks()[3:] == ["undo_b", "undo_a"]

    done = again(run)
    assert done.state == "compensation_failed"
    assert undone(done) == [("b", 1, "failed"), ("a", 0, "succeeded")]
    failed = done.steps.get(compensates=1).error
    assert failed is not None
    assert failed.code == "outcome_unknown"


def test_an_unsafe_undoing_that_fails_is_not_tried_again(northwind: Company) -> None:
    node = undoable("b") | {"compensate": calling("undo_b", effect="unsafe")}
    run = started(northwind, undoable("a"), node, call("last"))

    with script(last=[BOOM], undo_b=[BOOM]):
        done = finish(run)
        assert marks()[3:] == ["undo_b", "undo_a"]

    assert done.state == "compensation_failed"


def test_a_doubled_message_undoes_nothing_twice(northwind: Company) -> None:
    run = started(northwind)
    with script(last=[BOOM]):
        assert [drive(run.pk, worker=f"w{n}") for n in range(3)] == [True, False, False]
        assert marks()[4:] == ["undo_b", "undo_a"]


def test_undoing_it_again_sends_the_key_that_was_sent_before(northwind: Company, calling: Calling) -> None:
    calling.be("broken")
    refund = {
        "kind": "http",
        "endpoint": "bank",
        "method": "POST",
        "path": "/refunds",
        "effect": "idempotent",
    }
    pay = call("pay", effect="idempotent", compensate={**refund, "inputs": {}, "retry": {"attempts": 2}})
    run = started(northwind, pay, call("last"))
    with script(last=[BOOM]):
        assert settle(run).state == "compensation_failed"
        calling.be("well")
        retry_compensation(again(run), actor=northwind.operator)
        assert settle(run).state == "compensated"

    keys = [asked["headers"]["Idempotency-Key"] for asked in calling.asked()]
    assert (len(keys), len(set(keys))) == (3, 1)


def test_what_nobody_knows_of_is_not_said_to_be_undone(northwind: Company, calling: Calling) -> None:
    calling.be("broken")
    book = {"kind": "http", "key": "book", "endpoint": "bank", "method": "PUT", "path": "/b", "inputs": {}}
    book |= {"effect": "idempotent"}
    run = started(northwind, undoable("a"), book, call("last"))
    with script():
        done = settle(run)

    assert done.state == "compensated"
    assert "Nobody knows whether “book” took effect" in why_not_moving(done)
