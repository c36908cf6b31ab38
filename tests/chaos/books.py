"""Holding the witness file, the steps and the ledger against each other."""

from collections import Counter
from pathlib import Path
from typing import Any

from django.db import connection

from runs.records.models import Step
from tests.chaos.flows import Line, told_by

# By whom the witness file knows a step: the letter (an item of a map is a letter of its own) and the mark.
Key = tuple[str, str]
UNTOLD_STEPS = """
    SELECT count(*) FROM runs_step AS step
    WHERE (SELECT count(*) FROM ledger_event AS event
           WHERE event.object_type = 'step' AND event.object_id = step.id AND event.run = step.run_id
             AND event.kind = 'step.' || step.state) <> 1
"""
UNTOLD_RUNS = """
    SELECT count(*) FROM runs_run AS run
    WHERE (SELECT count(*) FROM ledger_event AS event
           WHERE event.run = run.id AND event.kind = 'run.started') <> 1
       OR (SELECT count(*) FROM ledger_event AS event
           WHERE event.run = run.id AND event.kind = 'run.' || run.state) <> 1
"""
INVENTED = """
    SELECT count(*) FROM ledger_event AS event
    WHERE event.object_type = 'step'
      AND NOT EXISTS (SELECT FROM runs_step AS step WHERE step.id = event.object_id)
"""


def committed() -> dict[Key, float]:
    """When each step that left a line ended well, by PostgreSQL's clock."""
    found: dict[Key, float] = {}
    steps = Step.objects.filter(state="succeeded", kind="function").select_related("run")
    for each in steps.only("node", "item", "compensates", "finished_at", "run__reference"):
        assert key_of(each) not in found, f"{key_of(each)} has succeeded twice"
        found[key_of(each)] = each.finished_at.timestamp()
    return found


def key_of(step: Step) -> Key:
    """How the witness file names the step; a run's letter is its reference."""
    letter = step.run.reference
    if step.item is not None:
        return f"{letter}/{step.item}", "item"
    return letter, f"undo_{step.node}" if step.compensates is not None else step.node


def repeated_after_commit(witness: Path, ended: dict[Key, float]) -> list[Line]:
    """The lines that were written although the step had been committed."""
    return [line for line in told_by(witness) if line.at > ended.get((line.text, line.mark), float("inf"))]


def unwitnessed(witness: Path, ended: dict[Key, float]) -> set[Key]:
    """Steps that are said to have succeeded and did nothing."""
    return set(ended) - {(line.text, line.mark) for line in told_by(witness)}


def executions(witness: Path) -> Counter[Key]:
    """How often each step was executed, to its end or not."""
    return Counter((line.text, line.mark) for line in told_by(witness))


def ledger_gaps() -> dict[str, int]:
    """Steps and runs of which not exactly one beginning or end is told, and steps that are told alone."""
    return {
        "untold steps": _count(UNTOLD_STEPS),
        "untold runs": _count(UNTOLD_RUNS),
        "invented steps": _count(INVENTED),
    }


def _count(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]
