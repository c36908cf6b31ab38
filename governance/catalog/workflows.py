"""What a workflow version holds: its inputs, its nodes, and which other versions they pin."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from governance.catalog.calls import FunctionCall, LlmCall, SubrunCall
from governance.catalog.nodes import (
    AnyNode,
    BranchNode,
    FunctionNode,
    HttpNode,
    HumanTaskNode,
    LlmNode,
    MapNode,
    Node,
    SubrunNode,
    TimerNode,
    TransformNode,
    WaitEventNode,
    call_of,
    calls_of,
    references,
    successors,
)
from governance.catalog.parts import LATER, REFERENCE, Classification, Part, Pinned, WaitSeconds

__all__ = [
    "REFERENCE",
    "AnyNode",
    "BranchNode",
    "FunctionNode",
    "HttpNode",
    "HumanTaskNode",
    "LlmNode",
    "MapNode",
    "Pinned",
    "SubrunNode",
    "TimerNode",
    "TransformNode",
    "WaitEventNode",
    "call_of",
    "calls_of",
    "references",
    "successors",
]
MOST_NODES = 200
# The fields of a call that name another version, and the kind of asset that each names.
PIN_FIELDS = {"prompt": "prompt", "model": "model", "fallback": "model", "workflow": "workflow"}


class Input(Part):
    """A document or value that a run is started with.

    A JSON value may have a `value_schema` (JSON Schema), which it must fit, or the run is not started.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    media_type: Literal["text/plain", "application/json"] = "text/plain"
    classification: Classification = "internal"
    max_bytes: int = Field(default=20_000, gt=0, le=10_000_000)
    value_schema: dict[str, Any] | None = Field(default=None, json_schema_extra=LATER)


class WorkflowContent(Part):
    """The content of a workflow version: a graph that starts at `start` and yields what `output` made.

    `deadline_s` limits a whole run, from its start, waits included. `on_failure` says what follows
    when a step has failed for good: `undo` at once what earlier steps did and say how to undo, or `hold`,
    until an operator resumes the run, or cancels it, which undoes the same.
    """

    kind: Literal["workflow"] = "workflow"
    inputs: tuple[Input, ...] = Field(min_length=1, max_length=20)
    nodes: tuple[Node, ...] = Field(min_length=1, max_length=MOST_NODES)
    start: str
    output: str
    deadline_s: WaitSeconds | None = Field(default=None, json_schema_extra=LATER)
    on_failure: Literal["undo", "hold"] = Field(default="undo", json_schema_extra=LATER)

    @cached_property
    def by_key(self) -> dict[str, AnyNode]:
        """Each node by its key."""
        return {node.key: node for node in self.nodes}

    def node(self, key: str) -> AnyNode:
        """The node of this key. Raises `KeyError` for an unknown one."""
        return self.by_key[key]

    def pins(self) -> list[tuple[str, str, Pinned]]:
        """Each (node key, kind of asset, pinned version): of a node its prompt, model, fallback, workflow."""
        return [(node.key, kind, pinned) for node in self.nodes for kind, pinned in _pins(node)]

    def functions(self) -> frozenset[str]:
        """Every registered function that a node calls, for each item or in order to undo something too."""
        return frozenset(
            call.function for node in self.nodes for call in calls_of(node) if isinstance(call, FunctionCall)
        )


def _pins(node: AnyNode) -> Iterator[tuple[str, Pinned]]:
    call = call_of(node)
    if isinstance(call, LlmCall):
        yield "prompt", call.prompt
        yield "model", call.model
        if call.fallback is not None:
            yield "model", call.fallback
    if isinstance(call, SubrunCall):
        yield "workflow", call.workflow
