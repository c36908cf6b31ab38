"""The `timer` node: letting time pass. The moment stands in the run's row, on PostgreSQL's clock."""

from datetime import UTC, datetime
from typing import cast

from governance.catalog.workflows import TimerNode
from runs.artifacts.store import json_content
from runs.durable.failures import StepFailed
from runs.durable.outcomes import Outcome, Wait
from runs.durable.visits import Visit, classification_of
from runs.records.models import Run

LARGEST = 1000


def pass_time(visit: Visit) -> Outcome | Wait:
    """Wait for the seconds, or until the moment that was recorded; the output says until when it waited."""
    node, waited = cast(TimerNode, visit.node), visit.waited
    if waited is None or waited.what != Run.WaitsFor.TIMER:
        until = _moment(visit.inputs[0].value) if visit.inputs else None
        return Wait(Run.WaitsFor.TIMER, seconds=None if until else float(node.seconds or 0), until=until)
    if not waited.due:
        return Wait(Run.WaitsFor.TIMER, until=waited.until)
    passed = {"waited_until": waited.until.astimezone(UTC).isoformat() if waited.until else ""}
    return Outcome(
        kind="timer",
        inputs=visit.inputs,
        output=json_content(passed, max_bytes=LARGEST, what="The output"),
        classification=classification_of(visit),
    )


def _moment(value: object) -> datetime:
    try:
        found = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
        moment = found.astimezone(UTC) if found is not None and found.tzinfo is not None else None
    except (ValueError, OverflowError):  # the latter at the ends of the calendar
        moment = None
    if moment is None:
        raise StepFailed(
            "not_a_moment",
            "The timer's value is no moment",
            "It is no ISO 8601 date and time with its zone, as 2026-01-31T08:00:00Z is.",
            final=True,
        )
    return moment
