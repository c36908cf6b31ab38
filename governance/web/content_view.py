"""The content of a version, shaped for its page by kind."""

from dataclasses import dataclass, field

from governance.catalog.content import parsed
from governance.catalog.model_versions import ModelContent
from governance.catalog.models import Version
from governance.catalog.prompts import PromptContent, Variable
from governance.catalog.workflows import Input, WorkflowContent
from governance.web.drawing import Direction, Drawing
from governance.web.graphs import workflow_drawing
from governance.web.node_rows import NodeRow, node_row
from governance.web.node_words import lasting
from governance.web.prompt_text import Said, messages, variables


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
    deadline: str = ""
    holds: bool = False


def content_view(version: Version, *, direction: Direction = "down") -> ContentView:
    """The version's content for its page; a workflow needs its pins loaded to link them."""
    content = parsed(version)
    match content:
        case PromptContent():
            return ContentView("prompt", messages=messages(content), variables=variables(content))
        case ModelContent():
            return ContentView("model", facts=_facts(content), weights=content.weights_sha256 or "")
        case WorkflowContent():
            pinned = {
                (pin.node, pin.pinned.asset.kind, pin.pinned.asset.slug, pin.pinned.number): pin.pinned_id
                for pin in version.pins.all()
            }
            return ContentView(
                "workflow",
                inputs=content.inputs,
                nodes=[node_row(content, node, pinned) for node in content.nodes],
                drawing=workflow_drawing(content, direction=direction),
                deadline=lasting(content.deadline_s) if content.deadline_s else "",
                holds=content.on_failure == "hold",
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
