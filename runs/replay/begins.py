"""Where a fork of a run may begin: nothing is done twice by it, and nothing that was undone is taken over."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from runs.durable.doubts import changing, in_doubt
from runs.durable.machine import HELD_UP, UNDER_WAY, State
from runs.durable.plans import Plan, plan_of
from runs.records.models import Run, Step
from runs.replay.outward import asks_somebody, change_in

# What goes back does not go on.
GOING_ON = (UNDER_WAY | HELD_UP) - {State.COMPENSATING}
# Positions and nodes of something in these runs of one workflow.
Found = Callable[[Collection[UUID], Plan], Iterator[tuple[int, str]]]


@dataclass(frozen=True)
class Past:
    """What a run took over and did, by position: the nodes it left behind, what was undone, what was changed.

    `changed` says in words what was changed outside and stands, by the run or by one that was made from it;
    `doubted` of what nobody knows whether it was; `going` which of its kin is still under way to a change.
    """

    nodes: Mapping[int, str]
    undone: Mapping[int, str]
    changed: Mapping[int, str]
    doubted: Mapping[int, str]
    going: str = ""


def past_of(run: Run, plan: Plan) -> Past:
    """The run's own past and that of its kin: what it was made from, and what was made from it."""
    succeeded = Step.objects.filter(run=run, state=Step.State.SUCCEEDED, compensates=None)
    nodes = dict(succeeded.values_list("position", "node"))
    found = Past(nodes, {}, {}, {})
    if not _can_change(plan):
        return found
    for member, first, end in _older(run):
        undone = {at: nodes[at] for at in _undone(member) if first <= at < end and at in nodes}
        found = _joined(found, member, plan, range_of=(first, end), undone=undone)
    for member in _younger(run):
        found = _joined(found, member, plan, range_of=(member.source_position or 0, float("inf")), undone={})
    return replace(found, going=_going(run, plan))


def _joined(
    past: Past, member: Run, plan: Plan, *, range_of: tuple[float, float], undone: Mapping[int, str]
) -> Past:
    """With what this one of the kin did at these positions."""
    first, end = range_of
    changed = {at: found for at, found in _changed(member, plan, _standing) if first <= at < end}
    doubted = {at: found for at, found in _changed(member, plan, _doubted) if first <= at < end}
    return replace(
        past,
        undone={**past.undone, **undone},
        changed={**past.changed, **changed},
        doubted={**past.doubted, **doubted},
    )


def wrong_at(past: Past, plan: Plan, position: int, cursor: str, *, protected: bool) -> str:
    """Why a fork may not begin there, at this node; empty when it may."""
    if wrong := _wrong_in(past, position):
        return wrong
    if (change := change_in(plan, start=cursor)) is None:
        return ""
    if past.going:
        return past.going
    if not protected:
        return ""
    for at, node in sorted(past.nodes.items()):
        if at < position and asks_somebody(plan, plan.workflow.node(node)):
            return (
                f"What somebody decided at “{node}” was about that run alone, and {change} changes something "
                "outside: begin there or before, so that it is asked anew."
            )
    return ""


def _wrong_in(past: Past, position: int) -> str:
    for at, node in sorted(past.undone.items()):
        if at < position:
            return f"What “{node}” did has been undone, so it cannot be taken over: begin there or before."
    after = min((at for at in past.changed if at >= position), default=None)
    if after is not None:
        return f"{past.changed[after]} was done already, and a fork that begins here would do it again."
    after = min((at for at in past.doubted if at >= position), default=None)
    if after is not None:
        found = past.doubted[after]
        return f"Nobody knows whether {found} took effect, and a fork that begins here may do it again."
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


def lock_kin(run: Run) -> None:
    """In this transaction nobody else forks any of its kin, and nobody cancels or resumes the run itself."""
    for pk in dict.fromkeys([_oldest(run), run.pk]):
        Run.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
    run.refresh_from_db(fields=["state", "cursor", "position"])


def _oldest(run: Run) -> UUID:
    *_, (oldest, _first, _end) = _older(run)
    return oldest.pk


def _going(run: Run, plan: Plan) -> str:
    """Which of its kin, or itself, will go on and change something outside; empty when none will."""
    oldest = Run.objects.get(pk=_oldest(run))
    for member in (oldest, *_younger(oldest)):
        if member.state in GOING_ON and (change := change_in(plan, start=member.cursor)):
            return (
                f"Run {member.pk} is under way and comes to {change}, which a fork that begins here would do "
                "as well: end that one first."
            )
    return ""


def _undone(run: Run) -> set[int]:
    found = Step.objects.filter(run=run, state=Step.State.SUCCEEDED).exclude(compensates=None)
    return {at for at in found.values_list("compensates", flat=True) if at is not None}


def _changed(run: Run, plan: Plan, found_in: Found) -> Iterator[tuple[int, str]]:
    """What is found so of the run and its parts, by the position in the run."""
    for at, node in found_in({run.pk}, plan):
        yield at, f"“{node}”"
    by_position: dict[tuple[int | None, UUID, str], set[UUID]] = defaultdict(set)
    for position, part, version, digest in _parts({run.pk}, found_in):
        by_position[position, version, digest].add(part)
    for (position, version, digest), parts in by_position.items():
        if position is not None and (found := _changed_among(parts, plan_of(version, digest), found_in)):
            yield position, found


def _changed_among(runs: Collection[UUID], plan: Plan, found_in: Found) -> str | None:
    """One thing that is found so of these runs of one workflow, or of their parts."""
    for _, node in found_in(runs, plan):
        return f"“{node}”"
    below: dict[tuple[UUID, str], set[UUID]] = defaultdict(set)
    for _, part, version, digest in _parts(runs, found_in):
        below[version, digest].add(part)
    found = (_changed_among(parts, plan_of(*version), found_in) for version, parts in below.items())
    return next(filter(None, found), None)


def _standing(runs: Collection[UUID], plan: Plan) -> Iterator[tuple[int, str]]:
    """What was changed outside and stands."""
    if nodes := changing(plan.workflow):
        yield from (
            Step.objects.standing().filter(run__in=runs, node__in=nodes).values_list("position", "node")
        )


def _doubted(runs: Collection[UUID], plan: Plan) -> Iterator[tuple[int, str]]:
    """What nobody knows of whether it was changed."""
    return in_doubt(runs, plan.workflow)


def _parts(runs: Collection[UUID], found_in: Found) -> Iterator[tuple[int | None, UUID, UUID, str]]:
    """Of parts that have undone what they did nothing stands, but what is in doubt stays so."""
    parts = Run.objects.filter(parent__in=runs)
    if found_in is _standing:
        parts = parts.exclude(state=State.COMPENSATED)
    yield from parts.values_list("parent_position", "pk", "version", "version__digest")
