"""What an operator asks is done, though a worker has just read something else, or cannot go on."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from governance.ledger.models import Event
from runs.durable import checkpoint as checkpointing
from runs.durable import lacking
from runs.durable.cancel import cancel_run
from runs.durable.drive import drive
from runs.durable.pause import continue_run, pause_run
from runs.durable.statements import Statement, rows
from runs.records.models import Run
from tests.durable.code import other_code
from tests.durable.scripts import Act, call, graph, marks, script, undoable
from tests.durable.turning import again, going_to, settle
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, released


def started(company: Company) -> Run:
    """A run of two steps, the first of which can be undone."""
    return begin(company, released(company, graph(undoable("a"), call("b"))))


def hold_up(company: Company, run: Run) -> Act:
    """What asks, while a step is executed, that the run be paused after it."""
    return lambda: pause_run(again(run), actor=company.operator, reason="Hold on.")


def just_before(monkeypatch: pytest.MonkeyPatch, where: Any, state: str, act: Callable[[], object]) -> None:
    """Do this once, when a worker is about to have the run come to that state."""
    gap = iter([True])

    def late(statement: Statement, values: Mapping[str, Any]) -> list[Any]:
        if (going_to(values) or "waiting") == state and next(gap, False):
            act()
        return rows(statement, values)

    monkeypatch.setattr(where, "rows", late)


def test_a_cancel_just_before_the_pause_is_not_lost(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started(northwind)
    cancel = lambda: cancel_run(again(run), actor=northwind.operator, reason="Stop it.")  # noqa: E731
    just_before(monkeypatch, checkpointing, "paused", cancel)

    with script(a=[hold_up(northwind, run)]):
        done = settle(run)

        assert marks() == ["a", "undo_a"]
    assert done.state == Run.State.COMPENSATED
    assert done.error is not None
    assert done.error.detail == "Stop it."


def test_a_pause_that_is_called_off_just_before_it_does_not_come(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started(northwind)
    just_before(
        monkeypatch, checkpointing, "paused", lambda: continue_run(again(run), actor=northwind.operator)
    )

    with script(a=[hold_up(northwind, run)]):
        drive(run.pk, worker="w")

        assert (again(run).state, marks()) == (Run.State.SUCCEEDED, ["a", "b"])


def test_a_cancel_just_before_a_refusal_is_not_lost(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The release may not run any more; there is nothing to undo, so the run is cancelled."""
    run = begin(northwind, released(northwind, chain(1)))
    cancel = lambda: cancel_run(again(run), actor=northwind.operator, reason="Stop it.")  # noqa: E731
    just_before(monkeypatch, checkpointing, "failed", cancel)
    monkeypatch.setattr("runs.durable.drive.recorded_of", lambda held: 1 / 0)

    drive(run.pk, worker="w")

    kinds = list(Event.objects.of_run(run.pk).values_list("kind", flat=True))
    assert (again(run).state, kinds[-2:]) == ("cancelled", ["run.cancel_asked", "run.cancelled"])


@pytest.mark.parametrize("asks", ["cancel", "pause"])
def test_what_is_asked_just_before_a_run_is_set_aside_is_done_at_once(
    northwind: Company, monkeypatch: pytest.MonkeyPatch, asks: str
) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    act = cancel_run if asks == "cancel" else pause_run
    just_before(
        monkeypatch, lacking, "waiting", lambda: act(again(run), actor=northwind.operator, reason="Stop it.")
    )

    with other_code():
        drive(run.pk, worker="w")

    assert again(run).state == ("cancelled" if asks == "cancel" else "paused")


def test_what_is_cancelled_waits_with_its_undoing_for_a_worker_that_can(northwind: Company) -> None:
    run = started(northwind)
    ahead: list[Act] = [hold_up(northwind, run)]
    with script(a=ahead):
        drive(run.pk, worker="w")
        continue_run(again(run), actor=northwind.operator)
        Run.objects.filter(pk=run.pk).update(asked="cancel")  # as it stands when its worker had died
        with other_code("scripted@1"):
            drive(run.pk, worker="w")
            assert (again(run).state, again(run).waits_for) == ("compensating", "worker")

        assert settle(run).state == Run.State.COMPENSATED


def test_the_step_in_hand_is_finished_and_recorded_before_a_run_is_cancelled(northwind: Company) -> None:
    pay = call("pay", effect="unsafe", irreversible="The money is gone.")
    run = begin(northwind, released(northwind, graph(pay, call("b"))))

    with script(pay=[lambda: cancel_run(again(run), actor=northwind.operator, reason="Stop it.")]):
        done = settle(run)

        assert marks() == ["pay"]
    assert done.state == Run.State.CANCELLED
    assert done.error is not None
    assert done.error.detail == "Stop it."
    assert list(run.steps.values_list("node", "state")) == [("pay", "succeeded")]
