"""Whether the nodes hang together: every way leads to a node, none leads back, all are reached."""

from collections import Counter
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from governance.catalog.graphs.complaint import Complaint
from governance.catalog.workflows import BranchNode, WorkflowContent, successors


def structure_wrong(workflow: WorkflowContent) -> Iterator[Complaint]:
    """Names given twice, ways that lead nowhere, circles: nothing more can be told where there are any."""
    yield from _named_twice(workflow)
    keys = {node.key for node in workflow.nodes}
    for node in workflow.nodes:
        for way in successors(node):
            if way not in keys:
                yield Complaint(node.key, f"goes on to “{way}”, which is no node")
    if workflow.start not in keys:
        yield Complaint("workflow", f"starts at “{workflow.start}”, which is no node")
    if workflow.output not in keys:
        yield Complaint("workflow", f"gives the output of “{workflow.output}”, which is no node")
    try:
        in_order(workflow)
    except CycleError as problem:
        circle: list[str] = problem.args[1]
        yield Complaint(circle[0], f"stands in a circle: {' → '.join(circle)}")


def _named_twice(workflow: WorkflowContent) -> Iterator[Complaint]:
    names = Counter(declared.name for declared in workflow.inputs)
    for name in sorted(name for name, count in names.items() if count > 1):
        yield Complaint("inputs", f"declares “{name}” twice")
    for key, count in Counter(node.key for node in workflow.nodes).items():
        if count > 1:
            yield Complaint(key, "two nodes have this key")


def unreachable(workflow: WorkflowContent) -> Iterator[Complaint]:
    """The nodes to which no way leads."""
    reached, waiting = {workflow.start}, [workflow.start]
    while waiting:
        for way in successors(workflow.node(waiting.pop())):
            if way not in reached:
                reached.add(way)
                waiting.append(way)
    for node in workflow.nodes:
        if node.key not in reached:
            yield Complaint(node.key, "cannot be reached from the start")


def output_wrong(workflow: WorkflowContent, before: Mapping[str, frozenset[str]]) -> Iterator[Complaint]:
    """The ends of ways on which the output has not run."""
    output = workflow.output
    for node in workflow.nodes:
        if not may_end(workflow, node.key) or node.key == output or output in before[node.key]:
            continue
        yield Complaint(node.key, f"ends the run on a way on which “{output}”, the output, has not run")


def may_end(workflow: WorkflowContent, key: str) -> bool:
    """Whether the run can end at the node: nothing comes next, if only because something came in time."""
    node = workflow.node(key)
    return not isinstance(node, BranchNode) and node.next is None


def certain_before(workflow: WorkflowContent) -> dict[str, frozenset[str]]:
    """For each node, the nodes that have run on every way to it (its strict dominators)."""
    before: dict[str, frozenset[str]] = {}
    arriving: dict[str, list[str]] = {node.key: [] for node in workflow.nodes}
    for node in workflow.nodes:
        for way in successors(node):
            arriving[way].append(node.key)
    for key in in_order(workflow):
        ways = [before[previous] | {previous} for previous in arriving[key] if previous in before]
        before[key] = frozenset.intersection(*ways) if ways else frozenset()
    return before


def in_order(workflow: WorkflowContent) -> list[str]:
    """The keys, each after all that lead to it. Raises `CycleError` with the circle."""
    sorter: TopologicalSorter[str] = TopologicalSorter({node.key: () for node in workflow.nodes})
    for node in workflow.nodes:
        for way in successors(node):
            sorter.add(way, node.key)
    return list(sorter.static_order())
