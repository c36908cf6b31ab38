"""One row of the table of a workflow's nodes: what it does, reads and pins, and how it is limited."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from governance.catalog.calls import (
    Call,
    FunctionCall,
    HttpCall,
    LlmCall,
    SubrunCall,
    TransformCall,
)
from governance.catalog.nodes import BranchNode, HumanTaskNode, MapNode, TimerNode, WaitEventNode
from governance.catalog.workflows import AnyNode, Pinned, WorkflowContent, call_of, references, successors
from governance.web.node_facts import Fact, facts_of
from governance.web.node_words import KIND_WORDS, TASKS, lasting

Pins = Mapping[tuple[str, str, str, int], UUID]


@dataclass(frozen=True)
class NodeRow:
    """One node of a workflow. `does` says what it does, ending in `code`, which stands as it is written."""

    key: str
    kind: str
    does: str
    code: str = ""
    pins: list[tuple[str, str, UUID | None]] = field(default_factory=list)
    reads: list[Fact] = field(default_factory=list)
    goes_to: list[str] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)


def node_row(content: WorkflowContent, node: AnyNode, pinned: Pins) -> NodeRow:
    """The row; `pinned` leads from (node, kind, slug, number) to the version's page."""
    marks = {"start": content.start == node.key, "output": content.output == node.key}
    does, code = _does(node)
    call = call_of(node)
    return NodeRow(
        key=node.key,
        kind=KIND_WORDS[node.kind],
        does=does,
        code=code,
        pins=[
            (label, f"{pin.asset} v{pin.number}", pinned.get((node.key, kind, pin.asset, pin.number)))
            for label, kind, pin in _pins(call)
        ],
        reads=_reads(node),
        goes_to=list(successors(node)),
        facts=list(facts_of(node)),
        marks=[word for word, true in marks.items() if true],
    )


def _does(node: AnyNode) -> Fact:
    match node:
        case BranchNode():
            return "chooses by", node.on
        case MapNode():
            verb, code = _calls(node.each)
            return f"for each item: {verb}", code
        case TimerNode():
            return (
                (f"waits {lasting(node.seconds)}", "") if node.seconds else ("waits until", node.until or "")
            )
        case WaitEventNode():
            return "waits for the event", node.event
        case HumanTaskNode():
            return f"{TASKS[node.task]}: {node.title}", ""
    return _calls(node)


def _calls(call: Call) -> Fact:
    match call:
        case FunctionCall():
            return "calls", call.function
        case HttpCall():
            return "requests", f"{call.method} {call.endpoint}{call.path}"
        case TransformCall():
            return "computes", call.expression
        case SubrunCall():
            return "runs another workflow", ""
    return "asks a model", ""


def _pins(call: Call | None) -> Iterator[tuple[str, str, Pinned]]:
    if isinstance(call, LlmCall):
        yield "prompt", "prompt", call.prompt
        yield "model", "model", call.model
        if call.fallback:
            yield "if its provider fails", "model", call.fallback
    elif isinstance(call, SubrunCall):
        yield "workflow", "workflow", call.workflow


def _reads(node: AnyNode) -> list[Fact]:
    """What the node and, of a map, each of its calls read, memory included."""
    call = call_of(node)
    inner = node.each.inputs if isinstance(node, MapNode) else {}
    recalled = (call.recall if call else None) or {}
    return [
        *{**references(node), **inner}.items(),
        *((name, f"memory {found.namespace} / {found.key}") for name, found in recalled.items()),
    ]
