"""Each way between two states that is allowed is gone by the engine or its services: none is dead."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runs.durable.cancel import cancel_run
from runs.durable.claim import MOST_RECOVERIES, claim
from runs.durable.machine import TRANSITIONS
from runs.durable.pause import continue_run, pause_run
from runs.durable.resume import resume_run
from runs.durable.retry_compensation import retry_compensation
from runs.durable.review import repeat_step
from runs.durable.sweep import sweep
from runs.records.models import Run
from tests.durable.running import for_each
from tests.durable.scripts import Killed, call, graph, script, undoable
from tests.durable.turning import again, lapse, settle, work
from tests.factories.cast import Company
from tests.factories.runs import begin, expire, finish, released
from tests.factories.standing import failed, half_undone, quarantined, queued, timed, undoing, unsure
from tests.harness.fresh import FreshDatabase

BOOM = RuntimeError("no ink")
HOUR: dict[str, Any] = {"kind": "timer", "key": "pause", "seconds": 3600}
PAYS = call("pay", effect="unsafe", irreversible="The money is gone.")
TRAIL = """
CREATE TABLE trail (before text, after text);
GRANT INSERT, SELECT ON trail TO PUBLIC;
CREATE FUNCTION note_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO trail VALUES (OLD.state, NEW.state);
    RETURN NULL;
END $$;
CREATE TRIGGER note_way AFTER UPDATE ON runs_run FOR EACH ROW WHEN (OLD.state <> NEW.state)
    EXECUTE FUNCTION note_way();
"""


@pytest.fixture
def gone(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], set[tuple[str, str]]]]:
    """Tells the ways that runs went in this database."""
    monkeypatch.setenv("NEEDED_FILE", "/nowhere")
    with fresh_database.connect("owner") as owner:
        owner.execute(TRAIL)
        yield lambda: {(row[0], row[1]) for row in owner.execute("SELECT DISTINCT before, after FROM trail")}


def cancelled(company: Company, run: Run) -> None:
    """The run, ended by an operator, as far as it goes."""
    cancel_run(again(run), actor=company.operator, reason="Stop.")
    settle(run)


def paused(company: Company, run: Run) -> Run:
    """The run, held up by an operator."""
    return pause_run(again(run), actor=company.operator, reason="Wait.")


def asleep(company: Company) -> Run:
    """A run that did what can be undone, and waits."""
    return finish(begin(company, released(company, graph(undoable("a"), HOUR, call("last")))))


def back(run: Run) -> Run:
    """The run, taken back from a worker that has gone."""
    assert claim(run.pk, worker="dead") is not None
    expire(run)
    sweep()
    return again(run)


def in_doubt(company: Company) -> Run:
    """A run of which an unsafe step that nothing undoes is under review, after one that can be undone."""
    run = begin(company, released(company, graph(undoable("a"), PAYS)))
    with script(pay=[Killed()]):
        with pytest.raises(Killed):
            finish(run)
        expire(run)
        return finish(run)


def held_by_operators(company: Company) -> None:
    """Ways of runs that have not begun, that are executed, or that wait for a worker."""
    operator = company.operator
    cancelled(company, queued(company))
    run = paused(company, queued(company))
    continue_run(run, actor=operator)
    assert claim(run.pk, worker="busy") is not None
    paused(company, run)
    expire(run)
    cancelled(company, finish(run))
    run = queued(company)
    assert claim(run.pk, worker="busy") is not None
    cancel_run(again(run), actor=operator, reason="Stop.")
    expire(run)
    finish(run)
    cancelled(company, back(queued(company)))
    paused(company, back(queued(company)))


def woken_and_undone(company: Company) -> None:
    """Ways of runs that wait, and of such as go back."""
    cancelled(company, timed(company))
    paused(company, timed(company))
    cancelled(company, asleep(company))
    cancelled(company, paused(company, asleep(company)))
    run = asleep(company)
    lapse(run)
    sweep()
    cancelled(company, run)
    retry_compensation(half_undone(company), actor=company.operator)
    undoing(company, attempts=1, function="nothing@1")


def looked_into(company: Company) -> None:
    """Ways of runs about which an operator decides."""
    resume_run(failed(company), actor=company.operator, reason="It is mended.")
    cancelled(company, failed(company))
    resume_run(quarantined(company), actor=company.operator, reason="It is mended.")
    cancelled(company, quarantined(company))
    poisonous = asleep(company)
    lapse(poisonous)
    sweep()
    for _ in range(MOST_RECOVERIES + 1):
        back(poisonous)
    assert again(poisonous).state == "quarantined"
    cancelled(company, poisonous)
    repeat_step(unsure(company), actor=company.operator, reason="I looked.")
    cancelled(company, in_doubt(company))
    alone = begin(company, released(company, graph(PAYS)))
    with script(pay=[Killed()]):
        with pytest.raises(Killed):
            finish(alone)
        expire(alone)
        cancelled(company, finish(alone))


def test_every_way_is_gone(gone: Callable[[], set[tuple[str, str]]], northwind: Company) -> None:
    with script():
        held_by_operators(northwind)
        woken_and_undone(northwind)
        looked_into(northwind)
    nodes = for_each(northwind, undoable("pay"), call("x"), at_once=1)
    run = begin(northwind, released(northwind, graph(*nodes, call("end"))))
    with script(x=[None, BOOM]):
        work()
        assert settle(run).state == "compensated"

    assert gone() == {(before, after) for before, after in TRANSITIONS if before != after}
