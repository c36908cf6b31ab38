"""Runs that have a minute, and letting it pass."""

from typing import Any

from runs.durable.why import why_not_moving
from runs.records.models import Run
from tests.durable.scripts import graph
from tests.durable.turning import again
from tests.factories.cast import Company
from tests.factories.runs import begin, released
from tests.harness.fresh import FreshDatabase

HOUR: dict[str, Any] = {"kind": "timer", "key": "pause", "seconds": 3600}


def started(company: Company, *nodes: dict[str, Any]) -> Run:
    """A run that has a minute for these nodes."""
    return begin(company, released(company, graph(*nodes, deadline_s=60)))


def pass_deadline(fresh: FreshDatabase) -> None:
    """As the owner of the table, whose guard rightly keeps the moment as it was stamped."""
    with fresh.connect("owner") as owner, owner.transaction():
        owner.execute("ALTER TABLE runs_run DISABLE TRIGGER guard_run")
        owner.execute("UPDATE runs_run SET deadline_at = clock_timestamp() - interval '1 second'")
        owner.execute("ALTER TABLE runs_run ENABLE ALWAYS TRIGGER guard_run")


def overdue(run: Run) -> Run:
    """The run, which must have failed of its deadline."""
    after = again(run)
    assert after.state == "failed", why_not_moving(after)
    assert after.error is not None
    assert after.error.code == "deadline_passed"
    assert (after.lease_until, after.wake_at) == (None, None)
    assert after.finished_at is not None
    assert "deadline has passed" in why_not_moving(after)
    return after
