"""The connection breaks around a checkpoint: nothing is lost, and nothing committed is done again."""

from collections.abc import Mapping
from typing import Any

import psycopg
import pytest
from django.db import connection

from governance.ledger.models import Event
from runs.durable import checkpoint as checkpointing
from runs.durable import patience
from runs.durable.statements import Statement, rows
from runs.records.models import Run, Step
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released
from tests.harness.fresh import FreshDatabase


def cut(database: FreshDatabase) -> None:
    """End this thread's connection from outside, as a restart of PostgreSQL would."""
    assert connection.connection is not None
    pid = connection.connection.info.backend_pid
    with database.connect("default") as another:
        assert another.execute("SELECT pg_terminate_backend(%s)", [pid]).rowcount == 1


@pytest.mark.parametrize("committed", [False, True])
def test_a_connection_that_breaks_at_a_checkpoint_loses_and_repeats_nothing(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    run = begin(northwind, released(northwind, chain(3)))
    breaks = iter([True])

    def breaking(statement: Statement, values: Mapping[str, Any]) -> list[Any]:
        if not next(breaks, False):
            return rows(statement, values)
        if committed:
            rows(statement, values)  # done, and the answer never arrives
        cut(fresh_database)
        return rows(Statement.RECORDED, {"runs": [run.pk]})

    monkeypatch.setattr(checkpointing, "rows", breaking)

    done = finish(run)

    assert done.state == Run.State.SUCCEEDED
    assert [step.node for step in Step.objects.filter(run=run)] == ["step_0", "step_1", "step_2"]
    assert Event.objects.of_run(run.pk).filter(kind="step.succeeded").count() == 3
    assert done.lease_epoch == 1


@pytest.mark.parametrize("committed", [False, True])
def test_a_database_that_is_away_for_some_tries_is_waited_for(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    run = begin(northwind, released(northwind, chain(2)))
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", (0.01,) * 4)
    breaks, refusals = iter([True]), iter(range(3))
    connect = connection.connect

    def refused() -> None:
        if next(refusals, None) is not None:
            raise psycopg.OperationalError("connection refused")
        connect()

    def breaking(statement: Statement, values: Mapping[str, Any]) -> list[Any]:
        if not next(breaks, False):
            return rows(statement, values)
        if committed:
            rows(statement, values)
        cut(fresh_database)
        monkeypatch.setattr(connection, "connect", refused)
        return rows(Statement.RECORDED, {"runs": [run.pk]})

    monkeypatch.setattr(checkpointing, "rows", breaking)

    done = finish(run)

    assert next(refusals, None) is None, "the database was away three times"
    assert (done.state, done.lease_epoch) == ("succeeded", 1)
    assert [step.node for step in Step.objects.filter(run=run)] == ["step_0", "step_1"]


def test_a_database_that_stays_away_leaves_the_step_to_another_worker(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", (0.01,))

    def away(statement: Statement, values: Mapping[str, Any]) -> list[Any]:
        raise psycopg.OperationalError("the server closed the connection unexpectedly")

    with monkeypatch.context() as patched:
        patched.setattr(checkpointing, "rows", away)
        with pytest.raises(psycopg.OperationalError):
            finish(run)

    after = Run.objects.get(pk=run.pk)
    assert (after.state, after.position) == ("running", 0)
    Run.objects.filter(pk=run.pk).update(lease_until="2026-01-01T00:00:00Z")
    assert finish(run).state == Run.State.SUCCEEDED
