"""Where a fork of a run may begin: nothing is done twice by it, and nothing that was undone is taken over."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from governance.catalog.calls import changes
from governance.catalog.nodes import call_of
from runs.durable.machine import State
from runs.durable.plans import Plan, plan_of
from runs.records.models import Run, Step
from runs.replay.outward import asks_somebody, change_in


@dataclass(frozen=True)
class Past:
    """What a run took over and did, by position: the nodes it left behind, what was undone, what was changed.

    `changed` says in words what was changed outside and stands, by the run or by one that was made from it.
    """

    nodes: Mapping[int, str]
    undone: Mapping[int, str]
    changed: Mapping[int, str]


def past_of(run: Run, plan: Plan) -> Past:
    """The run's own past and that of its kin: what it was made from, and what was made from it."""
    succeeded = Step.objects.filter(run=run, state=Step.State.SUCCEEDED, compensates=None)
    nodes = dict(succeeded.values_list("position", "node"))
    undone: dict[int, str] = {}
    changed: dict[int, str] = {}
    if not _can_change(plan):
        return Past(nodes, undone, changed)
    for member, first, end in _older(run):
        undone |= {at: nodes[at] for at in _undone(member) if first <= at < end and at in nodes}
        changed |= {at: found for at, found in _changed(member, plan) if first <= at < end}
    for member in _younger(run):
        changed |= {at: found for at, found in _changed(member, plan) if at >= (member.source_position or 0)}
    return Past(nodes, undone, changed)


def wrong_at(past: Past, plan: Plan, position: int, cursor: str, *, protected: bool) -> str:
    """Why a fork may not begin there, at this node; empty when it may."""
    for at, node in sorted(past.undone.items()):
        if at < position:
            return f"What “{node}” did has been undone, so it cannot be taken over: begin there or before."
    for at, found in sorted(past.changed.items()):
        if at >= position:
            return f"{found} was done already, and a fork that begins here would do it again."
    if not protected or (change := change_in(plan, start=cursor)) is None:
        return ""
    for at, node in sorted(past.nodes.items()):
        if at < position and asks_somebody(plan, plan.workflow.node(node)):
            return (
                f"What somebody decided at “{node}” was about that run alone, and {change} changes something "
                "outside: begin there or before, so that it is asked anew."
            )
    return ""


def _can_change(plan: Plan) -> bool:
    return change_in(plan, start=plan.workflow.start) is not None


def _older(run: Run) -> Iterator[tuple[Run, int, float]]:
    """The run and those that it was made from, each with the positions that it executed for this one."""
    member: Run | None = run
    end = float("inf")
    while member is not None:
        first = member.source_position or 0
        yield member, first, end
        member, end = member.source, min(end, first)


def _younger(run: Run) -> Iterator[Run]:
    """The runs that were made from it, and from those."""
    found = list(Run.objects.filter(source=run))
    while found:
        yield from found
        found = list(Run.objects.filter(source__in=found))


def _undone(run: Run) -> set[int]:
    found = Step.objects.filter(run=run, state=Step.State.SUCCEEDED).exclude(compensates=None)
    return {at for at in found.values_list("compensates", flat=True) if at is not None}


def _changed(run: Run, plan: Plan) -> Iterator[tuple[int, str]]:
    """What the run and its parts changed outside and stands, by the position in the run."""
    for at, node in _standing({run.pk}, plan):
        yield at, f"“{node}”"
    by_position: dict[tuple[int | None, UUID, str], set[UUID]] = defaultdict(set)
    for position, part, version, digest in _parts({run.pk}):
        by_position[position, version, digest].add(part)
    for (position, version, digest), parts in by_position.items():
        if position is not None and (found := _changed_among(parts, plan_of(version, digest))):
            yield position, found


def _changed_among(runs: Collection[UUID], plan: Plan) -> str | None:
    """One thing that these runs of one workflow, or their parts, changed outside and that stands."""
    for _, node in _standing(runs, plan):
        return f"“{node}”"
    below: dict[tuple[UUID, str], set[UUID]] = defaultdict(set)
    for _, part, version, digest in _parts(runs):
        below[version, digest].add(part)
    found = (_changed_among(parts, plan_of(*version)) for version, parts in below.items())
    return next(filter(None, found), None)


def _standing(runs: Collection[UUID], plan: Plan) -> Iterator[tuple[int, str]]:
    calls = {node.key: call_of(node) for node in plan.workflow.nodes}
    nodes = [key for key, call in calls.items() if call is not None and changes(call)]
    if nodes:
        yield from (
            Step.objects.standing().filter(run__in=runs, node__in=nodes).values_list("position", "node")
        )


def _parts(runs: Collection[UUID]) -> Iterator[tuple[int | None, UUID, UUID, str]]:
    parts = Run.objects.filter(parent__in=runs).exclude(state=State.COMPENSATED)
    yield from parts.values_list("parent_position", "pk", "version", "version__digest")
