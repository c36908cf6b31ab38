"""Where a fork of a run may begin: nothing is done twice by it, and nothing that was undone is taken over."""

from collections.abc import Mapping
from dataclasses import dataclass

from runs.durable.deeds import Deeds, deeds_of
from runs.durable.kin import kin_of, older, shared_with
from runs.durable.machine import State
from runs.durable.outward import asks_somebody, change_in
from runs.durable.plans import Plan
from runs.durable.undoable import left_to_undo
from runs.records.models import Run, Step

# What these did is being undone, or was tried to be.
GOING_BACK = frozenset({State.COMPENSATING, State.COMPENSATION_FAILED})
UNDONE = "has been undone, or is to be"
FORK = "a fork that begins here"


@dataclass(frozen=True)
class Past:
    """What a run took over and did, by position: the nodes left behind, and what was undone or is to be.

    `deeds` is what it and its kin changed outside: what it was made from, what was made from it, and what
    was made from the same. What a fork takes over is not held against it; what any of the others did after
    it went apart from the run is, at whatever position.
    """

    nodes: Mapping[int, str]
    undone: Mapping[int, str]
    deeds: Deeds


def past_of(run: Run, plan: Plan) -> Past:
    """The run's own past and that of its kin."""
    succeeded = Step.objects.filter(run=run, state=Step.State.SUCCEEDED, compensates=None)
    nodes = dict(succeeded.values_list("position", "node"))
    if change_in(plan, start=plan.workflow.start) is None:
        return Past(nodes, {}, Deeds())
    kin = kin_of(run)
    deeds = deeds_of(kin, plan, apart=shared_with(run, kin))
    undone = {
        at: nodes[at]
        for member, first, end in older(run)
        for at in _undone(member)
        if first <= at < end and at in nodes
    }
    return Past(nodes, undone, deeds)


def wrong_at(past: Past, plan: Plan, position: int, cursor: str, *, protected: bool) -> str:
    """Why a fork may not begin there, at this node; empty when it may."""
    if wrong := _taken_over(past, position):
        return wrong
    if (change := change_in(plan, start=cursor)) is None:
        return ""
    if wrong := past.deeds.again_from(position, FORK) or past.deeds.done_as_well(FORK):
        return wrong
    if not protected:
        return ""
    for at, node in sorted(past.nodes.items()):
        if at < position and asks_somebody(plan, plan.workflow.node(node)):
            return (
                f"What somebody decided at “{node}” was about that run alone, and {change} changes something "
                "outside: begin there or before, so that it is asked anew."
            )
    return ""


def _taken_over(past: Past, position: int) -> str:
    for at, node in sorted(past.undone.items()):
        if at < position:
            return f"What “{node}” did {UNDONE}, so it cannot be taken over: begin there or before."
    return ""


def _undone(run: Run) -> set[int]:
    found = Step.objects.filter(run=run, state=Step.State.SUCCEEDED).exclude(compensates=None)
    undone = {at for at in found.values_list("compensates", flat=True) if at is not None}
    return undone | {step.position for step in left_to_undo(run)} if run.state in GOING_BACK else undone
