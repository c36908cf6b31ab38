"""Steps with an effect that nobody may repeat: what is not known to have happened is asked of a person."""

from collections.abc import Mapping
from typing import Any

import pytest

from governance.errors import WrongState
from governance.ledger.models import Event
from runs.durable import checkpoint as checkpointing
from runs.durable.cancel import cancel_run
from runs.durable.claim import claim
from runs.durable.drive import drive
from runs.durable.resume import resume_run
from runs.durable.review import record_effect, repeat_step
from runs.durable.statements import Statement, rows
from runs.durable.sweep import sweep
from runs.durable.wake import wake
from runs.durable.why import why_not_moving
from runs.records.begun import Begun
from runs.records.models import Run
from tests.durable.scripts import Killed, call, calling, graph, marks, script, undoable
from tests.durable.turning import again, going_to, settle, work
from tests.factories.cast import Company
from tests.factories.runs import begin, expire, finish, released
from tests.factories.things import make_version, pin

BOOM = RuntimeError("no ink")


def unsafe(key: str, **more: Any) -> dict[str, Any]:
    """A node whose effect is unsafe."""
    return call(key, effect="unsafe", irreversible="The letter is in the post.", **more)


def started(company: Company, *nodes: dict[str, Any]) -> Run:
    """A run of these nodes, or of an unsafe one between two others."""
    return begin(company, released(company, graph(*(nodes or (call("a"), unsafe("send"), call("b"))))))


def test_each_attempt_is_marked_before_it_begins(northwind: Company) -> None:
    run = started(northwind)
    seen: list[tuple[int, int, str]] = []

    with script(send=[lambda: seen.extend(Begun.objects.values_list("position", "attempt", "worker"))]):
        done = finish(run)

    assert done.state == "succeeded"
    assert seen == [(1, 1, "test")]


@pytest.mark.parametrize("by", ["sweeper", "worker"])
def test_one_that_was_begun_and_not_ended_waits_for_a_person_and_is_not_repeated(
    northwind: Company, by: str
) -> None:
    run = started(northwind)
    with script(send=[Killed()]):
        with pytest.raises(Killed):
            drive(run.pk, worker="killed")
        expire(run)
        if by == "sweeper":
            sweep()
        drive(run.pk, worker="another")
        work()
        assert marks() == ["a", "send"]

    held_up = again(run)
    assert (held_up.state, held_up.cursor, held_up.position) == ("needs_review", "send", 1)
    assert (held_up.lease_owner, held_up.lease_until, held_up.finished_at) == ("", None, None)
    assert held_up.error is not None
    assert (held_up.error.code, held_up.error.node) == ("outcome_unknown", "send")
    assert not run.steps.filter(node="send").exists()
    assert Event.objects.of_run(run.pk).filter(kind="run.needs_review").count() == 1
    assert "Nobody knows whether the step took effect" in why_not_moving(held_up)
    assert drive(run.pk, worker="eager") is False


def test_a_person_may_have_it_repeated(northwind: Company) -> None:
    run = started(northwind)
    with script(send=[Killed()]):
        with pytest.raises(Killed):
            drive(run.pk, worker="killed")
        expire(run)
        finish(run)
        repeat_step(again(run), actor=northwind.operator, reason="The post has no letter.")

        assert settle(run).state == "succeeded"
        assert marks() == ["a", "send", "send", "b"]
    assert list(Begun.objects.filter(run=run).order_by("attempt").values_list("attempt", flat=True)) == [1, 2]


def test_one_that_failed_in_so_many_words_is_final_and_an_operator_may_resume(northwind: Company) -> None:
    run = started(northwind)
    with script(send=[BOOM]):
        stopped = finish(run)
        assert (stopped.state, marks()) == ("failed", ["a", "send"])
        resume_run(stopped, actor=northwind.operator, reason="It is mended.")
        assert finish(run).state == "succeeded"

    attempts = run.steps.filter(node="send").order_by("attempt")
    assert list(attempts.values_list("attempt", "state")) == [(1, "failed"), (2, "succeeded")]


def test_what_is_done_before_it_is_committed_before_it_begins(northwind: Company) -> None:
    run = started(northwind)
    with script(send=[Killed()]), pytest.raises(Killed):
        drive(run.pk, worker="killed")

    assert [step.node for step in run.steps.all()] == ["a"]


def test_cancelling_a_run_under_review_undoes_what_it_did_before(northwind: Company) -> None:
    run = started(northwind, undoable("a"), unsafe("send"))
    with script(send=[Killed()]):
        with pytest.raises(Killed):
            drive(run.pk, worker="killed")
        expire(run)
        finish(run)
        cancel_run(again(run), actor=northwind.operator, reason="Never mind.")

        assert settle(run).state == "compensated"
        assert marks() == ["a", "send", "undo_a"]


def test_whoever_lost_the_run_does_not_begin(northwind: Company) -> None:
    run = started(northwind, unsafe("send"))
    zombie = claim(run.pk, worker="zombie")
    assert zombie is not None
    expire(run)
    assert claim(run.pk, worker="another") is not None

    mark = {"run": run.pk, "epoch": zombie.epoch, "position": 0, "mark": zombie.run}
    assert rows(Statement.BEGIN, mark) == []
    assert not Begun.objects.exists()


def test_an_unsafe_step_that_waits_is_not_taken_for_one_that_was_broken_off(northwind: Company) -> None:
    """A workflow that is run as an unsafe step: it waits for its end, and is looked at more than once."""
    inner = make_version(northwind, "workflow", graph(call("one"), call("two", effect="idempotent")))
    node = {"kind": "subrun", "key": "sub", "workflow": pin(inner), "inputs": {"letter": "$letter"}}
    node |= {"effect": "unsafe", "irreversible": "It sends letters."}
    run = started(northwind, node, call("after"))

    drive(run.pk, worker="w")
    Run.objects.filter(pk=run.pk).update(state="ready")
    drive(run.pk, worker="w")
    assert (again(run).state, again(run).waits_for) == ("waiting", "parts"), "looked at in vain"
    done = settle(run)

    assert done.state == "succeeded", done.error
    assert Run.objects.filter(parent=run).count() == 1


def test_one_that_looks_again_before_it_waits_is_not_taken_for_broken_off_either(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = make_version(northwind, "workflow", graph(call("one")))
    node = {"kind": "subrun", "key": "sub", "workflow": pin(inner), "inputs": {"letter": "$letter"}}
    node |= {"effect": "unsafe", "irreversible": "It sends letters."}
    run = started(northwind, node, call("after"))
    gap = iter([True])

    def late(statement: Statement, values: Mapping[str, Any]) -> list[Any]:
        if going_to(values) == "waiting" and next(gap, False):
            wake([run.pk])
        return rows(statement, values)

    monkeypatch.setattr(checkpointing, "rows", late)

    drive(run.pk, worker="w")

    assert next(gap, None) is None, "something came in between"
    assert (again(run).state, again(run).waits_for) == ("waiting", "parts")
    assert settle(run).state == "succeeded"
    assert Run.objects.filter(parent=run).count() == 1


@pytest.mark.parametrize("lost", ["memory", "output", "engine"])
def test_what_took_effect_and_cannot_be_recorded_is_asked_of_a_person_and_not_repeated(
    northwind: Company, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    more: dict[str, Any] = {"compensate": calling("undo_send"), "effect": "unsafe"}
    if lost == "memory":
        more["remember"] = {"namespace": "letters", "key": "last", "path": "nowhere"}
    if lost == "output":
        monkeypatch.setattr("runs.durable.executors.function.LARGEST_OUTPUT", 10)
    if lost == "engine":
        monkeypatch.setattr("runs.durable.executors.function.classification_of", lambda visit: 1 / 0)
    run = started(northwind, call("send", **more), call("b"))

    with script():
        held_up = settle(run)

        assert (held_up.state, held_up.cursor, marks()) == ("needs_review", "send", ["send"])
        assert held_up.error is not None
        assert held_up.error.code == "outcome_unknown"
        with pytest.raises(WrongState):
            resume_run(held_up, actor=northwind.operator, reason="It is mended.")
        monkeypatch.undo()
        cancel_run(held_up, actor=northwind.operator, reason="Enough.")
        record_effect(
            again(run), actor=northwind.operator, output={"sent": True}, reason="It is in the post."
        )
        assert settle(run).state == "compensated"
        assert marks() == ["send", "undo_send"]


@pytest.mark.parametrize("cancelled", ["taken back", "under review"])
def test_a_doubt_is_not_dropped_with_the_run_that_is_cancelled(northwind: Company, cancelled: str) -> None:
    run = started(northwind)
    with script(send=[Killed()]):
        with pytest.raises(Killed):
            drive(run.pk, worker="killed")
        expire(run)
        assert sweep().recovered == 1
        if cancelled == "under review":
            assert finish(run).state == "needs_review"
        done = cancel_run(again(run), actor=northwind.operator, reason="Stop.")
        if cancelled == "taken back":
            assert (done.state, finish(run).state) == ("ready", "needs_review")
            repeat_step(again(run), actor=northwind.operator, reason="It was not sent.")
            done = settle(run)
        assert marks() == ["a", "send"]

    assert done.state == "cancelled"
    assert ("Nobody knows whether “send”" in why_not_moving(again(run))) == (cancelled == "under review")
