"""What runs that were made from one another changed outside, or may have: none of them does it again."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F

from governance.releases.clearance import NotCleared
from runs.durable.doubts import changing, in_doubt
from runs.durable.kin import kin_of, shared_with
from runs.durable.machine import HELD_UP, UNDER_WAY, State
from runs.durable.outward import change_in
from runs.durable.plans import Plan, plan_of
from runs.records.models import Run, Step

# What goes back does not go on.
GOING_ON = (UNDER_WAY | HELD_UP) - {State.COMPENSATING}
# The run, the position and the node of something in these runs of one workflow.
Found = Callable[[Collection[UUID], Plan], Iterator[tuple[UUID, int, str]]]


@dataclass(frozen=True)
class Deed:
    """The node that does it, in words, and the run whose it is."""

    node: str
    run: UUID


@dataclass(frozen=True)
class Done(Deed):
    """It was done, or may have been, at this position of its run.

    `apart` is the position from which on that run's past is not that of the one who asks.
    """

    position: int
    apart: float

    def is_ahead_of(self, position: int) -> bool:
        """Whether it is not in the past of one that goes on from this position of the run who asks.

        What was done since the two went apart never is: a branch may have put it at any position.
        """
        return self.position >= min(position, self.apart)


@dataclass(frozen=True)
class Deeds:
    """What was changed outside and stands, and that of which nobody knows whether it was changed.

    `going` is what one of the runs, still under way, comes to.
    """

    changed: Sequence[Done] = ()
    doubted: Sequence[Done] = ()
    going: Deed | None = None

    def again_from(self, position: int, whose: str) -> str:
        """What would be done twice by one that goes on to a change from this position; empty when nothing is.

        It may come to another node that stands for the same: what its kin did on another way counts too.
        """
        again = "do it, or what stands in its place, again."
        if deed := _first(self.changed, position):
            return f"{deed.node} was done already by run {deed.run}, and {whose} would {again}"
        if deed := _first(self.doubted, position):
            unknown = f"Nobody knows whether {deed.node} took effect in run {deed.run}"
            return f"{unknown}, and {whose} may {again}"
        return ""

    def done_as_well(self, whose: str) -> str:
        """What another one will do that goes on at the same time; empty when none will."""
        if self.going is None:
            return ""
        return (
            f"Run {self.going.run} is under way and comes to {self.going.node}, which {whose} would do as "
            "well: end that one first."
        )


def deeds_of(runs: Sequence[Run], plan: Plan, *, apart: Mapping[UUID, float]) -> Deeds:
    """What these runs of one workflow and their parts did, as one sees it that went apart from each there."""
    # Who is under way is asked first: what one that is not any more has done is committed by then.
    going = _going(runs, plan)
    found = {run.pk: apart[run.pk] for run in runs}
    return Deeds(_deeds(found, plan, _standing), _deeds(found, plan, _doubted), going)


def wrong_to_resume(run: Run) -> str:
    """What its kin did, or will do, that the run would do again if it went on; empty when there is nothing.

    What it did itself, or may have done, its own keys and marks keep it from doing twice. Where a content was
    altered, be it of a workflow within, no worker executes anything of it.
    """
    kin = kin_of(run)
    others = [member for member in kin if member.pk != run.pk]
    try:
        return _wrong_beside(run, kin, others) if others else ""
    except NotCleared:
        return ""


def _wrong_beside(run: Run, kin: Sequence[Run], others: Sequence[Run]) -> str:
    """Raises `NotCleared` for what was altered."""
    plan = plan_of(run.version_id, run.version.digest)
    if change_in(plan, start=run.cursor) is None:
        return ""
    deeds = deeds_of(others, plan, apart=shared_with(run, kin))
    return deeds.done_as_well("this run") or deeds.again_from(run.position, "this run")


def _first(deeds: Sequence[Done], position: int) -> Done | None:
    ahead = (deed for deed in deeds if deed.is_ahead_of(position))
    return min(ahead, key=lambda deed: deed.position, default=None)


def _going(runs: Sequence[Run], plan: Plan) -> Deed | None:
    for run in runs:
        if run.state in GOING_ON and (change := change_in(plan, start=run.cursor)):
            return Deed(change, run.pk)
    return None


def _deeds(apart: Mapping[UUID, float], plan: Plan, found_in: Found) -> list[Done]:
    """What is found so of the runs and their parts."""
    runs = set(apart)
    deeds = [Done(f"“{node}”", run, at, apart[run]) for run, at, node in found_in(runs, plan)]
    by_position: dict[tuple[UUID, int, UUID, str], set[UUID]] = defaultdict(set)
    for run, position, part, version, digest in _parts(runs, found_in):
        by_position[run, position, version, digest].add(part)
    for (run, position, version, digest), parts in by_position.items():
        if found := _found_among(parts, plan_of(version, digest), found_in):
            deeds.append(Done(found, run, position, apart[run]))
    return deeds


def _found_among(runs: Collection[UUID], plan: Plan, found_in: Found) -> str | None:
    """One thing that is found so of these runs of one workflow, or of their parts."""
    for _run, _at, node in found_in(runs, plan):
        return f"“{node}”"
    below: dict[tuple[UUID, str], set[UUID]] = defaultdict(set)
    for _run, _at, part, version, digest in _parts(runs, found_in):
        below[version, digest].add(part)
    found = (_found_among(parts, plan_of(*version), found_in) for version, parts in below.items())
    return next(filter(None, found), None)


def _standing(runs: Collection[UUID], plan: Plan) -> Iterator[tuple[UUID, int, str]]:
    """What was changed outside and stands: what a fork was copied with, its source did."""
    if nodes := changing(plan.workflow):
        steps = Step.objects.standing().filter(run__in=runs, node__in=nodes)
        own = steps.exclude(position__lt=F("run__source_position"))
        yield from own.values_list("run", "position", "node")


def _doubted(runs: Collection[UUID], plan: Plan) -> Iterator[tuple[UUID, int, str]]:
    """What nobody knows of whether it was changed."""
    return in_doubt(runs, plan.workflow)


def _parts(runs: Collection[UUID], found_in: Found) -> Iterator[tuple[UUID, int, UUID, UUID, str]]:
    """Of parts that have undone what they did nothing stands, but what is in doubt stays so."""
    parts = Run.objects.filter(parent__in=runs)
    if found_in is _standing:
        parts = parts.exclude(state=State.COMPENSATED)
    found = parts.values_list("parent", "parent_position", "pk", "version", "version__digest")
    for run, position, part, version, digest in found:
        if run is not None and position is not None:
            yield run, position, part, version, digest
