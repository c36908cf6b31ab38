"""A run that has been told gets no other steps, edges or inputs: the database refuses them from everybody."""

from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from runs.durable.checkpoint import checkpoint
from runs.durable.claim import claim
from runs.durable.moves import onward
from runs.lineage.models import Edge
from runs.records.begun import Begun
from runs.records.models import Run, Step
from tests.factories.cast import Company
from tests.factories.rows import insert, insertion, stored
from tests.factories.runs import begin, chain, finish, released, told
from tests.harness.fresh import FreshDatabase

Refused = psycopg.errors.IntegrityConstraintViolation
Nowhere = psycopg.errors.ForeignKeyViolation


@pytest.fixture
def run(fresh_database: FreshDatabase, northwind: Company) -> Run:
    """A run of two steps that waits."""
    return begin(northwind, released(northwind, chain(2)))


@pytest.mark.parametrize(("position", "attempt"), [(1, 2), (2, 1), (50, 50)])
def test_a_finished_run_gets_no_step(
    position: int, attempt: int, run: Run, fresh_database: FreshDatabase
) -> None:
    last = finish(run).steps.order_by("position")[1]
    forged = {**row(last), "position": position, "attempt": attempt}
    with pytest.raises(Refused, match="does not stand at this step"):
        insert(fresh_database, "runs_step", **forged)


@pytest.mark.parametrize("other", [{"attempt": 2}, {"node": "step_1"}])
def test_a_running_run_gets_no_other_step_at_its_place(
    other: dict[str, Any], run: Run, fresh_database: FreshDatabase, northwind: Company
) -> None:
    done = finish(begin(northwind, run.release)).steps.order_by("position")[0]
    here = {**row(done), "run_id": run.pk}
    with pytest.raises(Refused, match="does not stand"):  # nobody has taken it up
        insert(fresh_database, "runs_step", **here)
    claim(run.pk, worker="test")
    with pytest.raises(Refused, match="does not stand"):
        insert(fresh_database, "runs_step", **{**here, **other})


@pytest.mark.parametrize("state", ["running", "needs_review", "compensating"])
def test_a_run_gets_no_step_before_the_place_at_which_it_stands(
    state: str, run: Run, fresh_database: FreshDatabase, northwind: Company
) -> None:
    """Steps that are committed together come after it, in the statement that moves the run past them."""
    done = finish(begin(northwind, run.release)).steps.order_by("position")[0]
    held = claim(run.pk, worker="test")
    assert held is not None
    assert checkpoint(held, [told(held)], onward("step_1")) is not None
    Run.objects.filter(pk=run.pk).update(state=state)
    for attempt, why in ((1, "step_attempt_once"), (2, "does not stand")):  # the first is told already
        with pytest.raises(psycopg.IntegrityError, match=why):
            insert(fresh_database, "runs_step", **{**row(done), "run_id": run.pk, "attempt": attempt})


@pytest.mark.parametrize("state", ["waiting", "ready", "paused", "failed", "quarantined"])
def test_a_run_that_nobody_executes_gets_no_step(
    state: str, run: Run, fresh_database: FreshDatabase, northwind: Company
) -> None:
    done = finish(begin(northwind, run.release)).steps.order_by("position")[0]
    claim(run.pk, worker="test")
    Run.objects.filter(pk=run.pk).update(state=state)
    for position in (0, 1):
        with pytest.raises(Refused, match="does not stand"):
            insert(fresh_database, "runs_step", **{**row(done), "run_id": run.pk, "position": position})


def test_what_is_told_of_an_attempt_that_was_begun_stays(run: Run, fresh_database: FreshDatabase) -> None:
    Begun.objects.create(run=run, position=0, attempt=1, worker="w")
    for change in ("UPDATE runs_begun SET worker = 'x'", "DELETE FROM runs_begun", "TRUNCATE runs_begun"):
        with (
            fresh_database.connect("owner") as owner,
            pytest.raises(psycopg.Error, match="only ever inserted"),
        ):
            owner.execute(change.encode())
    assert Begun.objects.get().worker == "w"


def test_a_step_gets_no_other_edge(run: Run, fresh_database: FreshDatabase) -> None:
    edge = Edge.objects.filter(step__run=finish(run))[0]
    with pytest.raises(Refused, match="has been told"):
        insert(fresh_database, "runs_edge", **{**row(edge), "name": "another"})


def test_an_edge_of_no_step_is_refused(run: Run, fresh_database: FreshDatabase) -> None:
    edge = Edge.objects.filter(step__run=finish(run))[0]
    with pytest.raises(Nowhere, match="no such step"):
        insert(fresh_database, "runs_edge", **{**row(edge), "step_id": UUID(int=7)})


def test_an_edge_to_no_artifact_is_refused_with_the_step_that_the_statement_tells(
    run: Run, fresh_database: FreshDatabase, northwind: Company
) -> None:
    done = finish(begin(northwind, run.release)).steps.order_by("position")[0]
    claim(run.pk, worker="test")
    step = {**row(done), "run_id": run.pk}
    edge = {**row(done.edges.all()[0]), "step_id": step["id"]}
    inserted, values = insertion("runs_step", step)
    told = sql.SQL("WITH step AS ({}) INSERT INTO runs_edge ({}) SELECT {}")
    with fresh_database.connect() as application:
        for artifact in (UUID(int=7), edge["artifact_id"]):
            columns = {**edge, "artifact_id": artifact}
            names, literals = map(sql.Identifier, columns), map(sql.Literal, columns.values())
            words = told.format(inserted, sql.SQL(", ").join(names), sql.SQL(", ").join(literals))
            if artifact == edge["artifact_id"]:
                application.execute(words, values)
            else:
                with pytest.raises(Nowhere, match="no such artifact"):
                    application.execute(words, values)
    assert [found.artifact_id for found in Edge.objects.filter(step__run=run)] == [edge["artifact_id"]]


def test_a_step_belongs_to_a_run_that_is_there(run: Run, fresh_database: FreshDatabase) -> None:
    done = finish(run).steps.order_by("position")[0]
    with pytest.raises(Refused, match="does not stand"):
        insert(fresh_database, "runs_step", **{**row(done), "run_id": UUID(int=7)})


def test_a_run_gets_no_other_input_once_its_start_is_recorded(
    run: Run, fresh_database: FreshDatabase
) -> None:
    with pytest.raises(Refused, match="started with its inputs"):
        insert(fresh_database, "runs_run_input", **{**row(run.inputs.get()), "name": "another"})


def test_a_transaction_that_saw_the_run_running_adds_nothing_to_it_later(
    run: Run, fresh_database: FreshDatabase
) -> None:
    """What stood before is read in its snapshot; the place of the step is taken all the same."""
    claim(run.pk, worker="test")
    with fresh_database.connect() as early:
        early.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        early.execute("SELECT count(*) FROM runs_run")
        Run.objects.filter(pk=run.pk).update(lease_until="2020-01-01T00:00Z")
        first = finish(run).steps.order_by("position")[0]
        with pytest.raises(psycopg.errors.UniqueViolation, match="step_attempt_once"):
            early.execute(*insertion("runs_step", row(first)))
    assert Step.objects.filter(run=run).count() == 2


def row(found: Any) -> dict[str, Any]:
    """The row's columns as the driver takes them, under a new identifier."""
    columns = stored(found)
    return {**columns, "facts": "{}"} if "facts" in columns else columns
