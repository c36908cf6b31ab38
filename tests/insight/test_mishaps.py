"""What befell a run on its way, read from the ledger and the steps."""

import pytest

from governance.ledger.models import Event
from runs.durable.claim import claim
from runs.durable.sweep import sweep
from runs.insight.mishaps import Interruption, mishaps_of
from runs.records.discarded import Discarded
from runs.records.models import Run
from tests.durable.scripts import graph
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, complaint, expire, finish, released
from tests.providers.serving import Serving


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No broker is told."""
    monkeypatch.setattr("runs.durable.sweep.nudge", lambda pool, *, times: None)


def broken_off(run: Run, worker: str = "dead") -> Run:
    """A worker took the run and was not heard of again; the sweeper gave it to the others."""
    assert claim(run.pk, worker=worker)
    expire(run)
    assert sweep().recovered == 1
    return Run.objects.get(pk=run.pk)


def only(run: Run) -> Interruption:
    """The one thing that befell the run."""
    [found] = mishaps_of(Run.objects.get(pk=run.pk))
    assert isinstance(found, Interruption)
    return found


def test_nothing_befell_a_run_that_went_through(northwind: Company) -> None:
    assert mishaps_of(finish(begin(northwind, released(northwind, chain(2))))) == []


def test_an_interrupted_step_is_named_before_and_after_it_is_executed_again(northwind: Company) -> None:
    run = broken_off(begin(northwind, released(northwind, chain(2))))
    before = only(run)
    assert (before.node, before.worker, before.again, before.taken_up) == ("step_0", "dead", None, None)
    assert "It is executed again, so it may be executed twice." in before.says

    done = finish(run)

    after = only(done)
    assert after.again == done.steps.get(position=0)
    assert after.taken_up is not None
    assert after.since <= after.at <= after.taken_up
    assert "the worker (dead) stopped answering at “step_0”" in after.says
    assert "It may have been executed, in part or wholly, before it was executed again." in after.says
    [event] = Event.objects.of_run(run.pk).filter(kind="run.recovered")
    assert event.details["node"] == "step_0"
    assert mishaps_of(done, until=after.since) == [], "what came later is not of it"


def test_of_a_model_it_says_that_it_may_have_been_asked_twice(northwind: Company, serving: Serving) -> None:
    content = complaint(northwind)
    alone = [
        {**node, "inputs": {"letter": "$letter"}} for node in content["nodes"] if node["key"] == "summarise"
    ]
    alone[0].pop("next")
    run = broken_off(begin(northwind, released(northwind, graph(*alone))))
    twice = "The model may have been asked twice. What the first call cost, if it was made, is not known"
    assert twice in only(run).says
    done = finish(run)
    assert twice in only(done).says
    step = done.steps.get()
    Discarded.objects.create(
        run=done, node=step.node, position=0, attempt=step.attempt, epoch=1, tokens_in=1, tokens_out=1
    )
    assert "it was discarded, and what it cost counts" in only(done).says
    assert twice not in only(done).says


def test_a_lease_that_a_worker_took_over_by_itself_is_told_alike(northwind: Company) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    assert claim(run.pk, worker="dead")
    expire(run)
    done = finish(run)
    [event] = Event.objects.of_run(run.pk).filter(kind="run.recovered")
    assert event.details["node"] == "step_0"
    assert (only(done).worker, only(done).taken_up) == ("dead", event.at)
