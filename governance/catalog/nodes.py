"""The nodes of a workflow, by kind: calls that stand in the graph, choices, fan-outs and waits."""

from typing import Annotated, Literal

from pydantic import Field

from governance.catalog.calls import (
    Call,
    Calls,
    FunctionCall,
    HttpCall,
    LlmCall,
    SubrunCall,
    TransformCall,
    Undoing,
)
from governance.catalog.parts import LATER, Classification, NodeKey, Part, Reference, WaitSeconds

MOST_ITEMS = 100_000


class Placed(Part):
    """A node's place in the graph: its key, and the node after it."""

    key: NodeKey
    next: str | None = None


class Undoable(Placed):
    """A node whose effect can be undone: when the run fails or is cancelled later, `compensate` is called."""

    compensate: Undoing | None = Field(default=None, json_schema_extra=LATER)


class FunctionNode(FunctionCall, Undoable):
    """A step that calls a registered function."""


class LlmNode(LlmCall, Undoable):
    """A step that asks a model."""


class HttpNode(HttpCall, Undoable):
    """A step that calls an HTTP endpoint."""


class TransformNode(TransformCall, Placed):
    """A step that computes a value."""


class SubrunNode(SubrunCall, Undoable):
    """A step that runs another workflow."""


class Case(Part):
    """One way out of a branch: taken when the value is exactly this text."""

    equals: str = Field(max_length=400)
    next: str


class BranchNode(Part):
    """Chooses the next node by a recorded value."""

    kind: Literal["branch"]
    key: NodeKey
    on: Reference
    cases: tuple[Case, ...] = Field(min_length=1, max_length=50)
    default: str | None = None
    classification: Classification | None = None


class MapNode(Placed):
    """Makes the same call for each item of a recorded list; the output is the list of the calls' outputs.

    `each` reads the item as `@item` and its place, from 0, as `@index`; `at_once` are made side by side.
    """

    kind: Literal["map"]
    over: Reference
    each: Calls
    at_once: int = Field(default=4, ge=1, le=100)
    most_items: int = Field(default=10_000, ge=1, le=MOST_ITEMS)
    classification: Classification | None = None


class TimerNode(Placed):
    """Waits so many seconds, or until the moment (ISO 8601, with its zone) that `until` leads to."""

    kind: Literal["timer"]
    seconds: WaitSeconds | None = None
    until: Reference | None = None
    classification: Classification | None = None


class WaitEventNode(Placed):
    """Waits for a signal of this name; its payload is the output.

    After `timeout_s` the run goes on at `on_timeout`, or fails when there is none.
    """

    kind: Literal["wait_event"]
    event: str = Field(pattern=r"^[a-z][a-z0-9_.-]{0,79}$")
    timeout_s: WaitSeconds | None = None
    on_timeout: str | None = None
    classification: Classification | None = None


class HumanTaskNode(Placed):
    """Waits for a person to approve, edit or choose.

    `inputs` are shown; `edit` corrects the value of `subject`, whose original is kept. `team` (a slug) names
    who is asked, everybody who may operate the project's runs when there is none; after `escalate_after_s`
    the task is shown to `escalate_to` as well. After `timeout_s` the run goes on at `on_timeout`, or fails.
    """

    kind: Literal["human_task"]
    task: Literal["approve", "edit", "choose"]
    title: str = Field(min_length=1, max_length=200)
    instructions: str = Field(default="", max_length=4000)
    inputs: dict[str, Reference] = Field(default_factory=dict)
    subject: Reference | None = None
    choices: tuple[Annotated[str, Field(min_length=1, max_length=100)], ...] = Field(
        default=(), max_length=20
    )
    team: str | None = Field(default=None, max_length=80)
    escalate_to: str | None = Field(default=None, max_length=80)
    escalate_after_s: WaitSeconds | None = None
    timeout_s: WaitSeconds | None = None
    on_timeout: str | None = None
    classification: Classification | None = None


AnyNode = (
    FunctionNode
    | LlmNode
    | HttpNode
    | TransformNode
    | SubrunNode
    | BranchNode
    | MapNode
    | TimerNode
    | WaitEventNode
    | HumanTaskNode
)
Node = Annotated[AnyNode, Field(discriminator="kind")]


def call_of(node: AnyNode) -> Call | None:
    """The call that a step of the node makes, a map's for each item; None for nodes that wait or choose."""
    if isinstance(node, MapNode):
        return node.each
    return node if isinstance(node, Call) else None


def calls_of(node: AnyNode) -> tuple[Call, ...]:
    """Every call that the node names: its own or a map's, and the one that undoes it."""
    return tuple(call for call in (call_of(node), getattr(node, "compensate", None)) if call is not None)


def successors(node: AnyNode) -> tuple[str, ...]:
    """The keys that can come after the node, in the order in which they are written."""
    if isinstance(node, BranchNode):
        ways = [*(case.next for case in node.cases), node.default]
    else:
        ways = [node.next, getattr(node, "on_timeout", None)]
    return tuple(dict.fromkeys(way for way in ways if way))


def references(node: AnyNode) -> dict[str, str]:
    """What the node reads before it begins, by parameter; not what a map's calls read of their item."""
    match node:
        case BranchNode():
            return {"on": node.on}
        case MapNode():
            outer = {name: path for name, path in node.each.inputs.items() if not path.startswith("@")}
            return {**outer, "over": node.over}
        case TimerNode():
            return {"until": node.until} if node.until else {}
        case WaitEventNode():
            return {}
        case HumanTaskNode():
            return {**node.inputs, **({"subject": node.subject} if node.subject else {})}
    return dict(node.inputs)
