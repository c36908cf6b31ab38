"""What the lines of an import name: a release, and with it what each of its nodes executed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from governance.accounts.models import Project
from governance.catalog.calls import FunctionCall, LlmCall
from governance.catalog.content import parsed
from governance.catalog.models import Pin, Version
from governance.catalog.nodes import AnyNode
from governance.catalog.workflows import WorkflowContent
from governance.errors import Invalid
from governance.releases.models import Release

# Nodes whose steps stand in the run itself: those with parts of their own are not taken over.
TAKEN: Final = frozenset({"llm", "function", "http", "transform", "human_task", "branch", "wait_event"})


@dataclass(frozen=True)
class Executed:
    """What a step of a node is said to be."""

    kind: str
    function: str = ""
    prompt: UUID | None = None
    model: UUID | None = None


@dataclass(frozen=True)
class Named:
    """A release with its nodes, by key."""

    release: Release
    nodes: Mapping[str, Executed]

    def node(self, key: str) -> Executed:
        """What the node executed. Raises `Invalid` for one that the release does not have."""
        found = self.nodes.get(key)
        if found is None:
            raise Invalid(f"{self.release.version} has no node {key} whose steps can be imported.")
        return found


class Names:
    """The releases of a project, each read once."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._known: dict[tuple[str, int], Named] = {}

    def release(self, workflow: str, number: int) -> Named:
        """The release of a workflow by its number. Raises `Invalid`."""
        key = workflow, number
        if key not in self._known:
            rows = Release.objects.filter(project=self.project, workflow__slug=workflow, number=number)
            found = rows.select_related("workflow", "version__asset").defer("closure").first()
            if found is None:
                raise Invalid(f"{self.project.slug} has no release {number} of a workflow {workflow[:80]}.")
            self._known[key] = Named(found, _executed(found.version))
        return self._known[key]


def _executed(version: Version) -> dict[str, Executed]:
    content = parsed(version)
    if not isinstance(content, WorkflowContent):
        return {}
    pins = Pin.objects.filter(version=version).select_related("pinned__asset").defer("pinned__content")
    pinned = {}
    for pin in pins:
        asset = pin.pinned.asset
        pinned[pin.node, asset.kind, asset.slug, pin.pinned.number] = pin.pinned_id
    return {node.key: _of(node, pinned) for node in content.nodes if node.kind in TAKEN}


def _of(node: AnyNode, pinned: Mapping[tuple[str, str, str, int], UUID]) -> Executed:
    if isinstance(node, LlmCall):
        prompt = pinned[node.key, "prompt", node.prompt.asset, node.prompt.number]
        model = pinned[node.key, "model", node.model.asset, node.model.number]
        return Executed(node.kind, prompt=prompt, model=model)
    return Executed(node.kind, function=node.function if isinstance(node, FunctionCall) else "")
