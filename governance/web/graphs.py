"""A workflow as boxes and arrows, alone or beside another version of itself."""

from collections.abc import Iterator, Mapping

from governance.catalog.workflows import AnyNode, BranchNode, WorkflowContent, successors
from governance.web.drawing import Arrow, Box, Direction, Drawing, drawn
from governance.web.node_words import lasting, what_it_calls, what_it_does

LOOKS = {"changed": "key", "added": "key", "removed": "quiet", "": ""}
UNDONE = "↶"


def workflow_drawing(
    workflow: WorkflowContent, *, changes: Mapping[str, str] | None = None, direction: Direction = "down"
) -> Drawing:
    """The graph; `changes` says of a node's key that it is "changed", "added" or "removed"."""
    said = changes or {}
    boxes = [_box(node, said.get(node.key, "")) for node in workflow.nodes]
    return drawn(boxes, [arrow for node in workflow.nodes for arrow in _arrows(node)], direction=direction)


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


def _box(node: AnyNode, change: str) -> Box:
    undoing = getattr(node, "compensate", None)
    return Box(
        key=node.key,
        title=node.key,
        note=change or what_it_does(node),
        look=LOOKS[change],
        mark=UNDONE if undoing else "",
        mark_words=f"undone by: {what_it_calls(undoing)}" if undoing else "",
    )


def _arrows(node: AnyNode) -> list[Arrow]:
    """One for each node that can come next, with every reason to go there as its label."""
    labels: dict[str, list[str]] = {}
    for target, words in _ways(node):
        labels.setdefault(target, []).extend([words] if words else [])
    return [Arrow(node.key, target, " / ".join(words)) for target, words in labels.items()]


def _ways(node: AnyNode) -> Iterator[tuple[str, str]]:
    if isinstance(node, BranchNode):
        yield from ((case.next, case.equals) for case in node.cases)
        if node.default:
            yield node.default, "otherwise"
        return
    late = getattr(node, "on_timeout", None)
    if node.next:
        yield node.next, "in time" if late == node.next else ""
    if late:
        seconds = getattr(node, "timeout_s", None)
        yield late, f"after {lasting(seconds)}" if seconds else "too late"
