"""What is computed anew of a run that waited, was tried again, had parts and was undone."""

import json
from typing import Any

import pytest

from governance.ledger.models import Event
from runs.durable.pause import continue_run, pause_run
from runs.insight.integrity import examine
from runs.records.models import Run
from tests.durable.scripts import call, calling, graph, script, undoable
from tests.durable.turning import again, settle, work
from tests.factories.cast import Company
from tests.factories.runs import begin, finish, released
from tests.harness.fresh import FreshDatabase

MAP: dict[str, Any] = {"kind": "map", "key": "all", "over": "$letter", "each": calling("item", text="@item")}
HOUR = {"kind": "timer", "key": "pause", "seconds": 3600}
PATIENT = {"attempts": 2, "first_delay_ms": 60_000}


@pytest.fixture
def run(fresh_database: FreshDatabase, northwind: Company) -> Run:
    """A run to which everything happened that the engine tells in the ledger by itself."""
    nodes = (undoable("a"), HOUR, MAP, call("again", retry=PATIENT), call("last"))
    content = graph(*nodes, media_type="application/json")
    found = begin(northwind, released(northwind, content), json.dumps([1, 2, 3]))
    with script(again=[RuntimeError("busy")], last=[RuntimeError("no ink")]):
        finish(found)
        pause_run(again(found), actor=northwind.operator, reason="Closed.")
        continue_run(again(found), actor=northwind.operator)
        work()
        return settle(found)


def test_every_entry_of_whatever_kind_is_held_against_its_hash(run: Run) -> None:
    assert run.state == "compensated"
    kinds = set(Event.objects.of_run(run.pk).values_list("kind", flat=True))
    assert kinds >= {
        "run.started", "run.claimed", "run.waited", "run.paused", "run.continued", "step.succeeded",
        "step.failed", "run.compensating", "run.compensated",
    }  # fmt: skip

    found = examine(run, run.steps.get(node="all").output)

    assert found.holds
    assert found.entries == Event.objects.of_run(run.pk).count()
    assert [check.label for check in found.checks] == ["Content", "Release"]


@pytest.mark.parametrize(
    "kind", ["run.waited", "run.paused", "run.compensating", "run.compensated", "step.failed"]
)
def test_an_altered_entry_of_any_kind_is_seen(run: Run, fresh_database: FreshDatabase, kind: str) -> None:
    with fresh_database.connect("owner") as owner, owner.transaction():
        owner.execute("ALTER TABLE ledger_event DISABLE TRIGGER USER")
        changed = "UPDATE ledger_event SET record = record || ' ' WHERE run = %s AND kind = %s"
        altered = owner.execute(changed, [run.pk, kind]).rowcount

    found = examine(run, None)

    assert altered >= 1
    assert (found.holds, found.damaged) == (False, altered)


def test_the_entries_of_a_part_are_its_own(run: Run) -> None:
    for part in Run.objects.filter(parent=run):
        found = examine(part, part.steps.order_by("position")[0].output)
        assert found.holds
        assert found.entries == Event.objects.of_run(part.pk).count() >= 4
    whole = examine(run, None)
    assert whole.entries < Event.objects.filter(run__isnull=False).count()
