"""A run whose release pinned other code than a worker has waits for one that has it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from governance.ledger.models import Event
from governance.releases import clearance
from governance.releases.clearance import NotCapable, NotCleared, check_clearance
from governance.releases.models import Release
from runs.artifacts.opening import bytes_of
from runs.durable.cancel import cancel_run
from runs.durable.drive import drive
from runs.durable.lacking import AGAIN_SECONDS, LATEST_SECONDS
from runs.durable.sweep import sweep
from runs.durable.why import why_not_moving
from runs.durable.workers import wake_set_aside
from runs.functions.registry import _registered
from runs.records.models import Run, Step
from runs.records.workers import Worker
from tests.durable.code import other_code
from tests.durable.scripts import call, graph, marks, script
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released

WITNESS: dict[str, Any] = {"function": "nothing@1", "settings": {}}


def looked_at(run: Run) -> Run:
    """The run's time has come, the sweeper wakes it, and this process looks."""
    Run.objects.filter(pk=run.pk).update(wake_at=Now())
    sweep()
    return finish(run)


@pytest.fixture
def run(northwind: Company) -> Run:
    """A run that waits for a worker."""
    return begin(northwind, released(northwind, chain(2)))


def with_timer() -> dict[str, Any]:
    """A step, an hour, a step."""
    content = chain(2)
    first, last = content["nodes"]
    pause = {"key": "pause", "kind": "timer", "seconds": 3600, "next": last["key"]}
    return {**content, "nodes": [{**first, "next": "pause"}, pause, last]}


def test_a_run_of_other_code_waits_and_says_for_what(run: Run) -> None:
    began = timezone.now()
    with other_code():
        assert drive(run.pk, worker="old")

    after = Run.objects.get(pk=run.pk)
    assert (after.state, after.waits_for, after.lease_until, after.position) == ("waiting", "worker", None, 0)
    assert after.wake_at is not None
    assert began <= after.wake_at - timedelta(seconds=AGAIN_SECONDS) <= timezone.now()
    assert why_not_moving(after).startswith("No capable worker")
    assert not Step.objects.exists()
    [event] = Event.objects.of_run(run.pk).filter(kind="run.waited")
    assert event.details == {"for": "worker", "node": "step_0", "functions": ["nothing@1"]}


def test_it_goes_on_by_itself_when_a_capable_worker_looks(run: Run) -> None:
    with other_code():
        finish(run)

    after = looked_at(run)

    assert (after.state, after.waits_for) == ("succeeded", "")
    assert Step.objects.filter(run=run).count() == 2


def test_a_wait_that_goes_on_is_told_once_and_looked_at_less_often(run: Run) -> None:
    with other_code():
        first = finish(run)
        assert first.set_aside is not None
        Run.objects.filter(pk=run.pk).update(
            set_aside={**first.set_aside, "lacking_since": (timezone.now() - timedelta(days=1)).isoformat()}
        )
        began = timezone.now()
        second = looked_at(run)

    assert first.waits_since is not None
    assert second.waits_since is not None
    assert second.wake_at is not None
    assert second.waits_since < first.waits_since, "it has waited since then"
    assert began <= second.wake_at - timedelta(seconds=LATEST_SECONDS) <= timezone.now()
    assert Event.objects.of_run(run.pk).filter(kind="run.waited").count() == 1
    assert looked_at(run).state == "succeeded"


def test_what_it_waited_for_before_holds_again(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, with_timer())))
    assert run.waits_for == "timer"
    Run.objects.filter(pk=run.pk).update(
        waits_since=F("waits_since") - timedelta(hours=1), wake_at=F("wake_at") - timedelta(hours=1)
    )
    until = Run.objects.get(pk=run.pk).wake_at
    assert until is not None
    sweep()
    with other_code():
        assert finish(run).waits_for == "worker"

    after = looked_at(run)

    assert after.state == "succeeded", "the timer does not begin anew"
    pause = Step.objects.select_related("output").get(run=run, node="pause")
    assert pause.output is not None
    assert until.isoformat().encode() in bytes_of(pause.output)


def test_only_what_calls_the_function_waits_for_a_worker_that_has_it(northwind: Company) -> None:
    pause, last = with_timer()["nodes"][1:]
    last = {**last, "inputs": {"text": "$letter"}}
    alone = {**with_timer(), "start": "pause", "nodes": [pause, last]}
    run = begin(northwind, released(northwind, alone))
    with other_code():
        assert finish(run).waits_for == "timer"
        Run.objects.filter(pk=run.pk).update(waits_since=F("waits_since") - timedelta(hours=1))
        aside = looked_at(run)

    assert (aside.cursor, aside.waits_for) == ("step_1", "worker")
    assert [step.node for step in aside.steps.all()] == ["pause"]
    assert "the code of “nothing@1” that was released, which “step_1” needs" in why_not_moving(aside)
    assert looked_at(run).state == "succeeded"


def test_what_differs_is_named_with_what_to_do(northwind: Company) -> None:
    release = released(northwind, chain(1))

    with other_code(), pytest.raises(NotCapable, match="The file that holds “nothing@1”") as refused:
        check_clearance(release)

    assert "submit the workflow again" in refused.value.message


def test_an_operator_ends_the_wait(northwind: Company, run: Run) -> None:
    with other_code():
        finish(run)

    cancel_run(run, actor=northwind.operator, reason="the old code is gone")

    assert Run.objects.get(pk=run.pk).state == "cancelled"


def test_any_other_difference_is_refused(northwind: Company) -> None:
    release = released(northwind, chain(1))
    release.environment.protected = not release.environment.protected

    with other_code(), pytest.raises(NotCleared, match="protection has changed") as refused:
        check_clearance(release)

    assert not isinstance(refused.value, NotCapable)


def test_a_worker_that_arrives_has_it_looked_at_now(run: Run) -> None:
    with other_code():
        finish(run)
    assert sweep().woken == 0

    wake_set_aside()

    assert sweep().woken == 1
    assert finish(run).state == "succeeded"


@contextmanager
def without(reference: str) -> Iterator[None]:
    """This process does not know the function."""
    known = _registered.pop(reference)
    try:
        yield
    finally:
        _registered[reference] = known


@pytest.mark.parametrize("effect", ["none", "unsafe"])
def test_a_function_that_this_worker_does_not_know_is_left_to_one_that_does(
    northwind: Company, effect: str
) -> None:
    more: dict[str, Any] = (
        {} if effect == "none" else {"effect": "unsafe", "irreversible": "The letter is in the post."}
    )
    run = begin(northwind, released(northwind, graph(call("a", **WITNESS), call("b", **more), call("c"))))

    with without("scripted@1"), script():
        aside = finish(run)

        assert (aside.state, aside.waits_for, aside.cursor, aside.attempt) == ("waiting", "worker", "b", 1)
        assert [step.node for step in aside.steps.all()] == ["a"], "what was done before stands"
        assert "No capable worker" in why_not_moving(aside)
        assert aside.set_aside is not None
        assert aside.set_aside["functions"] == ["scripted@1"]

    with script():
        done = looked_at(run)
        assert marks() == ["b", "c"]
    assert done.state == "succeeded"
    assert not done.steps.filter(state="failed").exists()


def test_undoing_waits_for_a_worker_that_knows_how(northwind: Company) -> None:
    undo = {"kind": "function", "inputs": {"text": "$letter"}, **WITNESS}
    node = call("a", effect="idempotent", compensate=undo)
    run = begin(northwind, released(northwind, graph(node, call("b"))))

    with script(b=[RuntimeError("no ink")]):
        with without("nothing@1"):
            aside = finish(run)
            assert (aside.state, aside.waits_for, aside.lease_until) == ("compensating", "worker", None)
        done = looked_at(run)

    assert done.state == "compensated"


def test_what_only_other_workers_can_execute_is_started_all_the_same(northwind: Company) -> None:
    release = released(northwind, chain(2))

    Worker.objects.create(
        name="elsewhere:1",
        pool="io",
        slots=1,
        forked=False,
        version="1",
        functions=1,
        functions_sha256="1" * 64,
    )

    with other_code():
        run = finish(begin(northwind, release))
        assert (run.state, run.waits_for) == ("waiting", "worker")

    assert looked_at(run).state == "succeeded"


def test_what_a_worker_lacks_is_found_out_once_and_anew_when_its_code_changes(
    run: Run, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Release] = []
    whole = clearance.check_clearance

    def counted(release: Release) -> None:
        asked.append(release)
        whole(release)

    monkeypatch.setattr(clearance, "check_clearance", counted)
    with other_code():
        for _ in range(3):
            assert looked_at(run).waits_for == "worker"
        assert len(asked) == 1

    assert looked_at(run).state == "succeeded"
    assert len(asked) == 2
