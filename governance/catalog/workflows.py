"""What a workflow version holds: its inputs, its nodes, and which prompt and model versions they pin."""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

KEY = r"^[a-z][a-z0-9_]{0,59}$"
REFERENCE = re.compile(r"^(\$[a-z][a-z0-9_]{0,39}|[a-z][a-z0-9_]{0,59}(\.[a-z][a-z0-9_]{0,39}){0,5})$")
Classification = Literal["public", "internal", "confidential", "personal"]
MOST_NODES = 200
Reference = Annotated[str, Field(pattern=REFERENCE.pattern, max_length=300)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Input(_Part):
    """A document or value that a run is started with."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    media_type: Literal["text/plain", "application/json"] = "text/plain"
    classification: Classification = "internal"
    max_bytes: int = Field(default=20_000, gt=0, le=10_000_000)


class Pinned(_Part):
    """Exactly this version of an asset of the same project; its digest is part of this content's digest."""

    asset: str
    number: int = Field(gt=0)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")


class FunctionNode(_Part):
    """Calls a registered function, `name@version`."""

    kind: Literal["function"]
    key: str = Field(pattern=KEY)
    function: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}@[0-9]{1,4}$")
    inputs: dict[str, Reference] = Field(default_factory=dict)
    settings: dict[str, str | int | bool] = Field(default_factory=dict)
    classification: Classification | None = None
    next: str | None = None


class LlmNode(_Part):
    """Renders a pinned prompt with recorded values and asks a pinned model."""

    kind: Literal["llm"]
    key: str = Field(pattern=KEY)
    prompt: Pinned
    model: Pinned
    inputs: dict[str, Reference] = Field(default_factory=dict)
    output_schema: dict[str, Any] | None = None
    max_tokens: int | None = Field(default=None, gt=0, le=100_000)
    classification: Classification | None = None
    next: str | None = None


class Case(_Part):
    """One way out of a branch: taken when the value is exactly this text."""

    equals: str = Field(max_length=400)
    next: str


class BranchNode(_Part):
    """Chooses the next node by a recorded value."""

    kind: Literal["branch"]
    key: str = Field(pattern=KEY)
    on: Reference
    cases: tuple[Case, ...] = Field(min_length=1, max_length=50)
    default: str | None = None
    classification: Classification | None = None


Node = Annotated[FunctionNode | LlmNode | BranchNode, Field(discriminator="kind")]


class WorkflowContent(_Part):
    """The content of a workflow version: a graph that starts at `start` and yields what `output` made."""

    kind: Literal["workflow"] = "workflow"
    inputs: tuple[Input, ...] = Field(min_length=1, max_length=20)
    nodes: tuple[Node, ...] = Field(min_length=1, max_length=MOST_NODES)
    start: str
    output: str

    def node(self, key: str) -> FunctionNode | LlmNode | BranchNode:
        """The node of this key. Raises `KeyError` for an unknown one."""
        return {node.key: node for node in self.nodes}[key]

    def pins(self) -> list[tuple[str, str, Pinned]]:
        """Each (node key, kind of asset, pinned version), a node's prompt before its model."""
        return [
            (node.key, kind, pinned)
            for node in self.nodes
            if isinstance(node, LlmNode)
            for kind, pinned in (("prompt", node.prompt), ("model", node.model))
        ]


def successors(node: FunctionNode | LlmNode | BranchNode) -> tuple[str, ...]:
    """The keys that can come after the node, in the order in which they are written."""
    if isinstance(node, BranchNode):
        ways = [case.next for case in node.cases]
        return tuple(dict.fromkeys([*ways, *([node.default] if node.default else [])]))
    return (node.next,) if node.next else ()


def references(node: FunctionNode | LlmNode | BranchNode) -> dict[str, str]:
    """What the node reads: parameter name to reference."""
    return {"on": node.on} if isinstance(node, BranchNode) else dict(node.inputs)
