"""Whether a workflow's graph can be run at all; each complaint names the node and the reason."""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from governance.catalog.functions import announced
from governance.catalog.output_schemas import schema_complaint
from governance.catalog.workflows import (
    BranchNode,
    FunctionNode,
    LlmNode,
    WorkflowContent,
    references,
    successors,
)


def complaints(workflow: WorkflowContent) -> dict[str, str]:
    """What is wrong, by node key (or `workflow`); empty when the graph is sound. A pure function."""
    names = [declared.name for declared in workflow.inputs]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        return {"inputs": f"declares “{twice[0]}” twice"}
    keys = [node.key for node in workflow.nodes]
    if doubled := {key for key in keys if keys.count(key) > 1}:
        return dict.fromkeys(doubled, "two nodes have this key")
    unknown = {
        node.key: f"goes on to “{way}”, which is no node"
        for node in workflow.nodes
        for way in successors(node)
        if way not in keys
    }
    if unknown:
        return unknown
    if workflow.start not in keys:
        return {"workflow": f"starts at “{workflow.start}”, which is no node"}
    try:
        order = _order(workflow)
    except CycleError as problem:
        circle = " → ".join(problem.args[1])
        return {problem.args[1][0]: f"stands in a circle: {circle}"}
    return _unreachable(workflow) or _references(workflow, order) or _nodes(workflow)


def certain_before(workflow: WorkflowContent) -> dict[str, frozenset[str]]:
    """For each node, the nodes that have run on every way to it (its strict dominators)."""
    before: dict[str, frozenset[str]] = {}
    arriving: dict[str, list[str]] = {node.key: [] for node in workflow.nodes}
    for node in workflow.nodes:
        for way in successors(node):
            arriving[way].append(node.key)
    for key in _order(workflow):
        ways = [before[previous] | {previous} for previous in arriving[key] if previous in before]
        before[key] = frozenset.intersection(*ways) if ways else frozenset()
    return before


def _order(workflow: WorkflowContent) -> list[str]:
    sorter: TopologicalSorter[str] = TopologicalSorter({node.key: () for node in workflow.nodes})
    for node in workflow.nodes:
        for way in successors(node):
            sorter.add(way, node.key)
    return list(sorter.static_order())


def _unreachable(workflow: WorkflowContent) -> dict[str, str]:
    reached, waiting = {workflow.start}, [workflow.start]
    while waiting:
        for way in successors(workflow.node(waiting.pop())):
            if way not in reached:
                reached.add(way)
                waiting.append(way)
    return {
        node.key: "cannot be reached from the start" for node in workflow.nodes if node.key not in reached
    }


def _references(workflow: WorkflowContent, order: list[str]) -> dict[str, str]:
    inputs = {declared.name for declared in workflow.inputs}
    before = certain_before(workflow)
    found: dict[str, str] = {}
    for key in order:
        for name, reference in references(workflow.node(key)).items():
            if reference.startswith("$"):
                if reference[1:] not in inputs:
                    found[key] = f"{name} reads “{reference}”, which is no input of the workflow"
            elif reference.split(".")[0] not in before[key]:
                found[key] = f"{name} reads “{reference}”, which has not run on every way to this node"
    return found or _output(workflow, before)


def _output(workflow: WorkflowContent, before: Mapping[str, frozenset[str]]) -> dict[str, str]:
    output = workflow.output
    if output not in before:
        return {"workflow": f"gives the output of “{output}”, which is no node"}
    ends = [node.key for node in workflow.nodes if not successors(node) and node.key != output]
    return {
        key: f"ends the run on a way on which “{output}”, the output, has not run"
        for key in ends
        if output not in before[key]
    }


def _nodes(workflow: WorkflowContent) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in workflow.nodes:
        complaint = ""
        match node:
            case FunctionNode():
                complaint = _function(node)
            case LlmNode():
                complaint = schema_complaint(node.output_schema) if node.output_schema is not None else ""
            case BranchNode():
                cases = [case.equals for case in node.cases]
                complaint = "has two cases for the same value" if len(cases) != len(set(cases)) else ""
        if complaint:
            found[node.key] = complaint
    return found


def _function(node: FunctionNode) -> str:
    known = announced(node.function)
    if known is None:
        return f"calls “{node.function}”, which no worker offers"
    if twice := sorted(frozenset(node.inputs) & frozenset(node.settings)):
        return f"gives {', '.join(twice)} twice, as an input and as a setting"
    given = frozenset(node.inputs) | frozenset(node.settings)
    if missing := sorted(known.takes - given):
        return f"“{node.function}” needs {', '.join(missing)}"
    if extra := sorted(given - known.takes):
        return f"“{node.function}” does not take {', '.join(extra)}"
    return ""
