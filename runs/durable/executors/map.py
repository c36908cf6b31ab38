"""The `map` node: the same call for each item of a list, in slices that are runs of their own; the join."""

from typing import cast

import orjson

from governance.catalog.workflows import MapNode
from runs.artifacts.opening import ArtifactDamaged, bytes_of
from runs.artifacts.store import Content, value_of
from runs.durable.failures import StepFailed
from runs.durable.machine import State
from runs.durable.outcomes import Outcome, Wait
from runs.durable.parts import all_ended, cut, parts_of
from runs.durable.statements import Statement, rows
from runs.durable.visits import Visit, classification_of
from runs.records.models import Run, Step
from runs.records.querysets import StepQuerySet

JSON = "application/json"
LARGEST_OUTPUT = 10_000_000
UNDONE = frozenset({State.COMPENSATING, State.COMPENSATED, State.COMPENSATION_FAILED})


def fan_out(visit: Visit) -> Outcome | Wait:
    """Cut the list into slices and wait for them; when all have ended, their outputs in the items' order."""
    node = cast(MapNode, visit.node)
    items = next(found.value for found in visit.inputs if found.name == "over")
    count = _checked(items, node)
    if not count:
        return _joined(visit, Content(b"[]", JSON))
    parts = parts_of(visit.held, visit.position)
    if not parts:
        about = {"items": count, "at_once": min(count, node.at_once)}
        return Wait(
            Run.WaitsFor.PARTS,
            begin=lambda: cut(visit.held, visit.position, items=count, at_once=node.at_once, each=node.each),
            about=about,
        )
    if not all_ended(parts):
        return Wait(Run.WaitsFor.PARTS)
    if wrong := [part for part in parts if part.state != State.SUCCEEDED and not _had_succeeded(part)]:
        raise _stopped(wrong, len(parts))
    return _joined(visit, _outputs(visit))


def _checked(items: object, node: MapNode) -> int:
    if not isinstance(items, list):
        raise StepFailed(
            "not_a_list",
            "What the map goes over is no list",
            f"“{node.over}” leads to something else. Correct the workflow, or the step that yields it.",
            final=True,
        )
    if len(items) > node.most_items:
        raise StepFailed(
            "too_many_items",
            "The list is longer than the map allows",
            f"It has {len(items):,} items; {node.most_items:,} are allowed. Raise `most_items` or send less.",
            final=True,
        )
    return len(items)


def _stopped(wrong: list[Run], count: int) -> StepFailed:
    first = wrong[0]
    reason = f": {first.error}" if first.error else "."
    at = (first.first_item or 0) + first.position
    return StepFailed(
        "items_failed",
        "Some items could not be worked on",
        f"{len(wrong)} of {count} slices stopped, the first at item {at}{reason} "
        "The others' results are kept.",
        final=True,
    )


def _had_succeeded(part: Run) -> bool:
    """Whether it has been undone with its whole, after it had done all its items."""
    items = part.steps.filter(state=Step.State.SUCCEEDED, item__isnull=False).count()
    return part.state in UNDONE and items == (part.end_item or 0) - (part.first_item or 0)


def _outputs(visit: Visit) -> Content:
    """The calls' outputs as one JSON list, put together from the stored bytes without parsing them.

    Raises `ArtifactDamaged` when one of them is not what was recorded.
    """
    values = {"run": visit.held.run, "position": visit.position, "most": LARGEST_OUTPUT}
    [found] = rows(Statement.JOINED, values)
    if found.altered:
        raise ArtifactDamaged(
            f"{found.altered:,} of the items' outputs were altered after they were recorded."
        )
    if found.size > LARGEST_OUTPUT:
        raise StepFailed(
            "output_refused",
            "The map's output cannot be recorded",
            f"The outputs take {found.size:,} bytes together; {LARGEST_OUTPUT:,} are allowed.",
            final=True,
        )
    body = _fetched(visit) if found.placed else bytes(found.body)
    return Content(body, JSON, searched=False)


def _fetched(visit: Visit) -> bytes:
    """The same list, of outputs that the database does not all hold itself."""
    items = _items(visit).select_related("output").order_by("item")
    outputs = [step.output for step in items.filter(state=Step.State.SUCCEEDED) if step.output]
    found = [(bytes_of(output), output.media_type) for output in outputs]
    whole = [body if kind == JSON else orjson.dumps(value_of(body, kind)) for body, kind in found]
    return b"[" + b",".join(whole) + b"]"


def _items(visit: Visit) -> StepQuerySet:
    return Step.objects.filter(
        run__parent=visit.held.run, run__parent_position=visit.position, item__isnull=False
    )


def _joined(visit: Visit, output: Content) -> Outcome:
    made = _items(visit).filter(output__isnull=False).values_list("classification", flat=True).distinct()
    level = classification_of(visit, *made.order_by())
    return Outcome(kind="map", inputs=visit.inputs, output=output, classification=level)
