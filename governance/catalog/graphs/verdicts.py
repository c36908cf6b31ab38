"""Whether anything heeds what a person who is asked to approve has said."""

from collections.abc import Iterator

from governance.catalog.graphs.complaint import Complaint
from governance.catalog.nodes import HumanTaskNode, MapNode
from governance.catalog.workflows import AnyNode, WorkflowContent, call_of, references, successors


def verdicts_wrong(workflow: WorkflowContent) -> Iterator[Complaint]:
    """The tasks to approve after which the run goes on, or succeeds, whether it was approved or not.

    A rejection is an answer like any other. A run whose last node is the task, and whose output is the
    answer, leaves it to whoever reads that.
    """
    for node in workflow.nodes:
        if not isinstance(node, HumanTaskNode) or node.task != "approve":
            continue
        if node.key == workflow.output and node.next is None:
            continue
        if not any(_heeds(workflow.node(key), node.key) for key in _from(workflow, node.next)):
            yield Complaint(
                node.key,
                "asks a person to approve, but no later node reads whether it was approved, so the run "
                f"goes on after a rejection too: let a branch choose by “{node.key}.approved”",
            )


def _from(workflow: WorkflowContent, key: str | None) -> set[str]:
    """The node and every one that can come after it."""
    found = {key} if key else set()
    waiting = list(found)
    while waiting:
        for way in successors(workflow.node(waiting.pop())):
            if way not in found:
                found.add(way)
                waiting.append(way)
    return found


def _heeds(node: AnyNode, task: str) -> bool:
    """Whether the node reads the whole answer, or whether it was approved."""
    call = call_of(node) if isinstance(node, MapNode) else None
    read = {*references(node).values(), *(call.inputs.values() if call else ())}
    return not read.isdisjoint({task, f"{task}.approved"})
