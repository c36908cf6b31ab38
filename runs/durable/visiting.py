"""From where a run stands to the visit that an executor gets."""

from collections.abc import Mapping

from governance.catalog.calls import Call
from governance.catalog.workflows import MapNode, call_of, references
from runs.durable.claim import Claim
from runs.durable.failures import StepFailed
from runs.durable.inputs import Recorded, Resolved, resolve
from runs.durable.plans import Plan
from runs.durable.remembering import recalled
from runs.durable.visits import Visit

Values = Mapping[str, Recorded]


def visit_of(held: Claim, plan: Plan, recorded: Values, *, cursor: str, position: int, attempt: int) -> Visit:
    """The visit of the node at the cursor, or of a slice's present item."""
    node = plan.workflow.node(cursor)
    waited = held.waited if position == held.position else None
    item: int | None = None
    call: Call | None
    if isinstance(node, MapNode) and held.first_item is not None:
        item = held.first_item + position
        call, wanted = node.each, dict(node.each.inputs)
        recorded = _with_item(node, item, recorded)
    else:
        call, wanted = (None if isinstance(node, MapNode) else call_of(node)), references(node)
    inputs, missing = _read(held, plan, wanted, call, recorded)
    return Visit(
        held, plan, node, call, inputs, recorded, position, attempt, item=item, waited=waited, missing=missing
    )


def undoing_of(held: Claim, plan: Plan, recorded: Values, *, cursor: str, call: Call, undone: int) -> Visit:
    """The visit that undoes the node's step, which stands at position `undone`."""
    inputs, missing = _read(held, plan, dict(call.inputs), call, recorded)
    node = plan.workflow.node(cursor)
    return Visit(
        held,
        plan,
        node,
        call,
        inputs,
        recorded,
        held.position,
        held.attempt,
        compensates=undone,
        waited=held.waited,
        missing=missing,
    )


def _read(
    held: Claim, plan: Plan, wanted: Mapping[str, str], call: Call | None, recorded: Values
) -> tuple[list[Resolved], StepFailed | None]:
    try:
        found = resolve(wanted, recorded)
        return [*found, *recalled(held, plan, call, recorded)] if call and call.recall else found, None
    except StepFailed as problem:
        return [], problem


def _with_item(node: MapNode, index: int, recorded: Values) -> Values:
    [over] = resolve({"over": node.over}, recorded)
    return {
        **recorded,
        "@item": Recorded(over.artifact, over.value[index], over.classification),
        "@index": Recorded(over.artifact, index, over.classification),
    }
