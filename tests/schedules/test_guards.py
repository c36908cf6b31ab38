"""What the database holds of schedules and firings, whoever writes."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from runs.records.models import Run
from runs.schedules.clock import database_now
from runs.schedules.firing import fire_due
from runs.schedules.models import Firing, Schedule
from tests.factories.cast import Company
from tests.factories.rows import insert
from tests.factories.runs import begin, chain, released
from tests.factories.schedules import make_due, scheduled
from tests.harness.fresh import FreshDatabase

Refused = psycopg.errors.IntegrityConstraintViolation


def told(schedule: Schedule, **changed: Any) -> dict[str, Any]:
    """A firing that nobody saw, as a row."""
    now = database_now()
    row = {
        "id": uuid4(),
        "schedule_id": schedule.pk,
        "due_at": now,
        "times": 1,
        "at": now,
        "outcome": "started",
        "reason": "",
        "run_id": None,
    }
    return {**row, **changed}


def test_a_firing_names_no_run_that_the_schedule_did_not_start(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    release = released(northwind, chain(1))
    schedule = scheduled(northwind, release)
    by_hand = begin(northwind, release)
    other = make_due(scheduled(northwind, name="Another workflow"))
    fire_due()
    of_another = Run.objects.get(firing__schedule=other)

    for run in (by_hand, of_another):
        with pytest.raises(Refused, match="did not start this run"):
            insert(fresh_database, "runs_firing", **told(schedule, run_id=run.pk))


def test_what_was_told_is_told_once_and_stays(fresh_database: FreshDatabase, northwind: Company) -> None:
    schedule = make_due(scheduled(northwind))
    fire_due()
    firing = Firing.objects.get()

    again = told(schedule, due_at=firing.due_at, outcome="missed")
    with pytest.raises(psycopg.errors.UniqueViolation, match="firing_once"):
        insert(fresh_database, "runs_firing", **again)
    with pytest.raises(psycopg.errors.CheckViolation, match="firing_started_a_run"):
        insert(fresh_database, "runs_firing", **told(schedule))
    with fresh_database.connect("owner") as owner:
        for change in ("UPDATE runs_firing SET reason = 'x'", "DELETE FROM runs_firing"):
            with pytest.raises(Refused):
                owner.execute(change)


def test_what_a_schedule_starts_and_where_stays_and_it_is_not_deleted(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    schedule = scheduled(northwind)
    with fresh_database.connect() as application:
        for column, value in (
            ("environment_id", northwind.production.pk),
            ("workflow_id", uuid4()),
            ("project_id", uuid4()),
        ):
            change = psycopg.sql.SQL("UPDATE runs_schedule SET {} = %s").format(
                psycopg.sql.Identifier(column)
            )
            with pytest.raises(Refused, match="stays"):
                application.execute(change, [value])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute("DELETE FROM runs_schedule")
        with pytest.raises(psycopg.errors.CheckViolation, match="schedule_fires_while_on"):
            application.execute("UPDATE runs_schedule SET paused_at = now() WHERE id = %s", [schedule.pk])
        with pytest.raises(psycopg.errors.CheckViolation, match="schedule_timed_once"):
            application.execute("UPDATE runs_schedule SET every_s = 59 WHERE id = %s", [schedule.pk])
