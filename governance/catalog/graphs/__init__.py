"""Whether a workflow can be run at all; each complaint names the node and the reason. Pure functions."""

from collections.abc import Iterator

from governance.catalog.graphs.complaint import Complaint, by_node
from governance.catalog.graphs.declared import inputs_wrong
from governance.catalog.graphs.effects import effects_wrong
from governance.catalog.graphs.kinds import kind_wrong
from governance.catalog.graphs.known import Contents
from governance.catalog.graphs.reading import reading_wrong
from governance.catalog.graphs.structure import certain_before, output_wrong, structure_wrong, unreachable
from governance.catalog.graphs.verdicts import verdicts_wrong
from governance.catalog.workflows import WorkflowContent

__all__ = ["Complaint", "Contents", "by_node", "certain_before", "complaints", "wrong_in"]


def complaints(workflow: WorkflowContent, contents: Contents | None = None) -> dict[str, str]:
    """What is wrong, by node key (or `workflow`); empty when the graph is sound."""
    return by_node(wrong_in(workflow, contents or {}))


def wrong_in(workflow: WorkflowContent, contents: Contents) -> list[Complaint]:
    """Every complaint; what a node reads is looked at once the nodes hang together.

    `contents` holds the pinned prompts and workflows by (kind, slug, number), as far as they are known.
    """
    return list(_wrong_in(workflow, contents))


def _wrong_in(workflow: WorkflowContent, contents: Contents) -> Iterator[Complaint]:
    broken = list(structure_wrong(workflow))
    yield from broken
    yield from inputs_wrong(workflow)
    for node in workflow.nodes:
        yield from kind_wrong(node, contents)
        yield from effects_wrong(node)
    if broken:
        return
    apart = list(unreachable(workflow))
    yield from apart
    if not apart:
        before = certain_before(workflow)
        yield from reading_wrong(workflow, before, contents)
        yield from output_wrong(workflow, before)
        yield from verdicts_wrong(workflow)
