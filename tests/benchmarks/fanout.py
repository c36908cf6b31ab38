"""One run that makes a call for each of thousands of items, and what it does to its workers' memory."""

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from runs.records.models import Run, Step
from tests.benchmarks.load import client_of, drain
from tests.benchmarks.meters import resident_mb
from tests.benchmarks.plan import Plan
from tests.benchmarks.premises import Premises
from tests.benchmarks.staff import Staff

LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 600.0
FEW = 50  # items of the run that warms the workers


@dataclass(frozen=True)
class Fanned:
    """How long the run took, and the most memory that a worker held more than before it."""

    items: int
    seconds: float
    growth_mb: float


def mapped(items: int) -> dict[str, Any]:
    """A workflow that makes a list of so many texts and passes each on."""
    each = {"kind": "function", "function": "bench_nothing@1", "inputs": {"text": "@item"}}
    return {
        "inputs": [{"name": "letter", "classification": "internal"}],
        "nodes": [
            {
                "kind": "function",
                "key": "listed",
                "function": "bench_list@1",
                "inputs": {"text": "$letter"},
                "settings": {"items": items},
                "next": "each",
            },
            {
                "kind": "map",
                "key": "each",
                "over": "listed.items",
                "each": {**each, "settings": {"mark": "item"}},
                "at_once": 4,
                "most_items": items,
            },
        ],
        "start": "listed",
        "output": "each",
    }


def fan_out(premises: Premises, plan: Plan) -> Fanned:
    """Execute such a run, its workers warm; every item must have its step."""
    database = premises.database()
    try:
        with Staff(database) as staff:
            staff.hire(plan.workers)
            staff.engage_sweeper()
            drain(client_of(mapped(FEW)), 1)
            who = client_of(mapped(plan.map_items))
            before = _most(staff)
            began, run = time.monotonic(), who.start().pk
            peak = before
            while Run.objects.get(pk=run).finished_at is None:
                peak = max(peak, _most(staff))
                if time.monotonic() - began > PATIENCE_SECONDS:
                    raise SystemExit(f"{plan.map_items} items took more than {PATIENCE_SECONDS:g} s.")
                time.sleep(LOOK_SECONDS)
            seconds = time.monotonic() - began
            peak = max(peak, _most(staff))
        _hold(run, plan.map_items)
        return Fanned(plan.map_items, seconds, peak - before)
    finally:
        connection.close()
        premises.drop(database)


def _hold(run: UUID, items: int) -> None:
    found = Run.objects.get(pk=run)
    made = Step.objects.filter(run__parent=run, state="succeeded").count()
    if (found.state, made) != ("succeeded", items):
        raise SystemExit(f"The run is {found.state} with {made} of {items} items: {found.error}")


def _most(staff: Staff) -> float:
    return max(resident_mb(worker.pid) for worker in staff.workers)
