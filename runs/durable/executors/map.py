"""The `map` node: the same call for each item of a list, in slices that are runs of their own; the join."""

from typing import cast

from governance.catalog.workflows import MapNode
from runs.artifacts.services import ArtifactDamaged
from runs.artifacts.store import Content
from runs.durable.failures import StepFailed
from runs.durable.machine import State
from runs.durable.outcomes import Outcome, Wait
from runs.durable.parts import all_ended, cut, parts_of
from runs.durable.statements import Statement, rows
from runs.durable.visits import Visit, classification_of
from runs.records.models import Run, Step

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
        "The others' results are kept; resume the run when the cause is mended.",
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
    if found.body is None:
        raise StepFailed(
            "output_refused",
            "The map's output cannot be recorded",
            f"The outputs take {found.size:,} bytes together; {LARGEST_OUTPUT:,} are allowed.",
            final=True,
        )
    return Content(bytes(found.body), JSON, searched=False)


def _joined(visit: Visit, output: Content) -> Outcome:
    items = Step.objects.filter(run__parent=visit.held.run, run__parent_position=visit.position)
    made = items.filter(output__isnull=False).values_list("classification", flat=True).distinct()
    level = classification_of(visit, *made.order_by())
    return Outcome(kind="map", inputs=visit.inputs, output=output, classification=level)
