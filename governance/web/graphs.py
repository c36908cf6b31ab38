"""A workflow as boxes and arrows, alone or beside another version of itself."""

from collections.abc import Mapping

from governance.catalog.workflows import BranchNode, FunctionNode, LlmNode, WorkflowContent, successors
from governance.web.drawing import Arrow, Box, Direction, Drawing, drawn

Node = FunctionNode | LlmNode | BranchNode
LOOKS = {"changed": "key", "added": "key", "removed": "quiet", "": ""}


def workflow_drawing(
    workflow: WorkflowContent, *, changes: Mapping[str, str] | None = None, direction: Direction = "down"
) -> Drawing:
    """The graph; `changes` says of a node's key that it is "changed", "added" or "removed"."""
    said = changes or {}
    boxes = [_box(node, said.get(node.key, "")) for node in workflow.nodes]
    return drawn(boxes, [arrow for node in workflow.nodes for arrow in _arrows(node)], direction=direction)


def what_it_does(node: Node) -> str:
    """The node in a few words: the function it calls, the prompt it asks with, or what it decides by."""
    match node:
        case FunctionNode():
            return node.function
        case LlmNode():
            return f"{node.prompt.asset} v{node.prompt.number}"
        case BranchNode():
            return f"by {node.on}"


def shape(workflow: WorkflowContent) -> list[tuple[str, tuple[str, ...]]]:
    """The nodes and where they lead, and nothing of what they hold."""
    return [(node.key, successors(node)) for node in workflow.nodes]


def node_changes(old: WorkflowContent, new: WorkflowContent) -> dict[str, str]:
    """Which nodes were added, removed or changed, by key."""
    before, after = {node.key: node for node in old.nodes}, {node.key: node for node in new.nodes}
    found = {key: "removed" for key in before if key not in after}
    for key, node in after.items():
        if key not in before:
            found[key] = "added"
        elif before[key] != node:
            found[key] = "changed"
    return found


def _box(node: Node, change: str) -> Box:
    return Box(key=node.key, title=node.key, note=change or what_it_does(node), look=LOOKS[change])


def _arrows(node: Node) -> list[Arrow]:
    if not isinstance(node, BranchNode):
        return [Arrow(node.key, node.next)] if node.next else []
    labels: dict[str, list[str]] = {}
    for case in node.cases:
        labels.setdefault(case.next, []).append(case.equals)
    if node.default:
        labels.setdefault(node.default, []).append("otherwise")
    return [Arrow(node.key, target, " / ".join(words)) for target, words in labels.items()]
