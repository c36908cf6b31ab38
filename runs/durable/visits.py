"""What an executor is given of the node that it executes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from governance.catalog.calls import Call, effect_of
from governance.catalog.workflows import AnyNode
from runs.artifacts.classes import MASKED, most_protected
from runs.durable.claim import Claim, Waited
from runs.durable.failures import StepFailed
from runs.durable.inputs import Recorded, Resolved
from runs.durable.plans import Plan


@dataclass(frozen=True)
class Visit:
    """One attempt at one node, or at one item of a map, or at undoing a node.

    `call` is what is called (None for nodes that wait or choose), `inputs` what it reads, resolved.
    `position` and `attempt` count within the run; `waited` is set when the run has waited at this node,
    `missing` when something that it reads is not there.
    """

    held: Claim
    plan: Plan
    node: AnyNode
    call: Call | None
    inputs: Sequence[Resolved]
    recorded: Mapping[str, Recorded]
    position: int
    attempt: int
    item: int | None = None
    compensates: int | None = None
    waited: Waited | None = None
    missing: StepFailed | None = None

    @property
    def name(self) -> str:
        """The node's key, which failures and people name."""
        return self.node.key


def kind_of(visit: Visit) -> str:
    """The kind of what is executed: a call's within a map or an undoing, else the node's."""
    inner = visit.item is not None or visit.compensates is not None
    return str(visit.call.kind if inner and visit.call else visit.node.kind)


def classification_of(visit: Visit, *parts: str) -> str:
    """How protected the step's output is: as declared, else as the most protected thing that it read.

    Of what is put together of its `parts`' outputs, these count as read.
    """
    declared = visit.node.classification or (visit.call.classification if visit.call else None)
    return declared or most_protected([*parts, *(found.classification for found in visit.inputs)])


def is_masked(visit: Visit) -> bool:
    """Whether what the step reads or makes is confidential or personal: no record quotes it then."""
    levels = {classification_of(visit), *(found.classification for found in visit.inputs)}
    return not levels.isdisjoint(MASKED)


def is_unsafe(visit: Visit) -> bool:
    """Whether what is executed changes something outside that cannot be done twice."""
    return visit.call is not None and effect_of(visit.call) == "unsafe"
