"""What a workflow changes outside: its own calls, and those of the workflows that it runs."""

from collections.abc import Iterator

from governance.catalog.calls import changes
from governance.catalog.nodes import HumanTaskNode, calls_of, successors
from governance.catalog.workflows import AnyNode, WorkflowContent
from runs.durable.plans import Plan, plan_of


def change_in(plan: Plan, *, start: str) -> str | None:
    """The first node from `start` on that changes something outside, in words; None when none does.

    One of a workflow that a node runs, or runs for each item, is named with the way to it.
    """
    return next(_changes_from(plan, start), None)


def change_at(plan: Plan, node: AnyNode) -> str | None:
    """The same of one node."""
    if any(changes(call) for call in calls_of(node)):
        return f"“{node.key}”"
    inner = within(plan, node.key)
    found = inner and change_in(inner, start=inner.workflow.start)
    return f"{found} of “{node.key}”" if found else None


def asks_somebody(plan: Plan, node: AnyNode) -> bool:
    """Whether the node asks a person, or runs a workflow in which one may be asked."""
    if isinstance(node, HumanTaskNode):
        return True
    inner = within(plan, node.key)
    return inner is not None and any(asks_somebody(inner, each) for each in inner.workflow.nodes)


def within(plan: Plan, node: str) -> Plan | None:
    """The plan of the workflow that the node runs, if it does."""
    pinned = plan.workflows.get(node)
    return None if pinned is None else plan_of(pinned.version, pinned.digest)


def from_on(workflow: WorkflowContent, start: str) -> Iterator[AnyNode]:
    """The nodes that a run may come to from this one on, itself first, each once."""
    ahead, seen = [start], {start}
    while ahead:
        node = workflow.node(ahead.pop(0))
        yield node
        following = [key for key in successors(node) if key not in seen]
        seen.update(following)
        ahead.extend(following)


def _changes_from(plan: Plan, start: str) -> Iterator[str]:
    return (found for node in from_on(plan.workflow, start) if (found := change_at(plan, node)))
