"""The content of a version, shaped for its page by kind."""

from dataclasses import dataclass, field, replace
from uuid import UUID

from governance.catalog.content import parsed
from governance.catalog.model_versions import ModelContent
from governance.catalog.models import Version
from governance.catalog.prompts import PromptContent, Variable
from governance.catalog.workflows import (
    BranchNode,
    FunctionNode,
    Input,
    LlmNode,
    WorkflowContent,
    references,
    successors,
)
from governance.web.drawing import Direction, Drawing
from governance.web.graphs import workflow_drawing
from governance.web.keys import flat
from governance.web.prompt_text import Said, messages, variables


@dataclass(frozen=True)
class NodeRow:
    """One node of a workflow, as a row of its table."""

    key: str
    kind: str
    function: str = ""
    pins: list[tuple[str, str, UUID | None]] = field(default_factory=list)
    on: str = ""
    reads: list[tuple[str, str]] = field(default_factory=list)
    goes_to: list[str] = field(default_factory=list)
    settings: list[tuple[str, str]] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ContentView:
    """What the page of a version shows; the parts of other kinds stay empty."""

    kind: str
    messages: list[Said] = field(default_factory=list)
    variables: list[tuple[Variable, str]] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    weights: str = ""
    inputs: tuple[Input, ...] = ()
    nodes: list[NodeRow] = field(default_factory=list)
    drawing: Drawing | None = None


def content_view(version: Version, *, direction: Direction = "down") -> ContentView:
    """The version's content for its page; a workflow needs its pins loaded to link them."""
    content = parsed(version)
    match content:
        case PromptContent():
            return ContentView("prompt", messages=messages(content), variables=variables(content))
        case ModelContent():
            return ContentView("model", facts=_facts(content), weights=content.weights_sha256 or "")
        case WorkflowContent():
            pinned = {(pin.node, pin.pinned.asset.kind): pin.pinned_id for pin in version.pins.all()}
            return ContentView(
                "workflow",
                inputs=content.inputs,
                nodes=[_row(content, node, pinned) for node in content.nodes],
                drawing=workflow_drawing(content, direction=direction),
            )


def _facts(content: ModelContent) -> list[tuple[str, str]]:
    parameters = content.parameters.model_dump(mode="json", exclude_none=True)
    return [
        ("Model", content.model),
        ("Provider", content.provider),
        *((name.replace("_", " ").capitalize(), str(value)) for name, value in parameters.items()),
        ("Context", f"{content.context_tokens:,} tokens"),
        *([("Licence", content.licence)] if content.licence else []),
    ]


def _row(
    content: WorkflowContent, node: FunctionNode | LlmNode | BranchNode, pinned: dict[tuple[str, str], UUID]
) -> NodeRow:
    marks = [
        word
        for word, true in (("start", content.start == node.key), ("output", content.output == node.key))
        if true
    ]
    row = NodeRow(key=node.key, kind=node.kind, goes_to=list(successors(node)), marks=marks)
    row.reads.extend(references(node).items())
    match node:
        case FunctionNode():
            row.settings.extend(flat(dict(node.settings)).items() if node.settings else ())
            return replace(row, function=node.function)
        case LlmNode():
            for kind, pin in (("prompt", node.prompt), ("model", node.model)):
                row.pins.append((kind, f"{pin.asset} v{pin.number}", pinned.get((node.key, kind))))
            if node.max_tokens:
                row.settings.append(("at most", f"{node.max_tokens:,} tokens"))
            if node.output_schema is not None:
                row.settings.append(("answer", "held to a JSON schema"))
            return row
        case BranchNode():
            row.settings.extend((f"“{case.equals}”", case.next) for case in node.cases)
            row.settings.extend([("otherwise", node.default)] if node.default else [])
            return replace(row, on=node.on)
