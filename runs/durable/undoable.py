"""Which of a run's steps are still to be undone: what succeeded, and whose compensation has not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import F, Q

from governance.catalog.content import parsed
from governance.catalog.workflows import WorkflowContent
from governance.releases.clearance import NotCleared
from runs.durable.claim import Claim
from runs.durable.machine import State
from runs.durable.moves import Move, stopped, undone_from
from runs.durable.plans import Plan, plan_of
from runs.durable.reliance import Reliance, reliance_on
from runs.durable.told import Told
from runs.records.failure import Failure
from runs.records.models import Run, Step
from runs.records.querysets import StepQuerySet

# In these a run has undone what it did, or will do so by itself when it is told what became of it.
NOTHING_LEFT = frozenset({State.COMPENSATED, State.CANCELLED})


@dataclass(frozen=True)
class Undoable:
    """A step that can be undone, by its position, and its node; by its `parts` where they undo themselves."""

    position: int
    node: str
    parts: bool = False


def last_undoable(
    plan: Plan, held: Claim, told: Sequence[Told] = (), *, before: int | None = None
) -> Undoable | None:
    """The last such step, those that are not committed yet counted; with `before`, of those before it."""
    found = [step for step in undoable(plan, held, told) if before is None or step.position < before]
    return max(found, key=lambda step: step.position, default=None)


def undoable(plan: Plan, held: Claim, told: Sequence[Told] = ()) -> list[Undoable]:
    """Every step that is to be undone and has not been; none that another run relies on."""
    return _free(held.run, [*_own(plan, held, told), *_of_parts(plan, held.run, held.cursor)])


def last_of_failed(plan: Plan, held: Claim, told: Sequence[Told] = ()) -> Undoable | None:
    """Where a run that failed begins to undo. A slice does not by itself: what it did may still be of use.

    Nor does one whose workflow has it held until an operator says what is to become of it.
    """
    held_up = held.first_item is not None or plan.workflow.on_failure == "hold"
    return None if held_up else last_undoable(plan, held, told)


def _own(plan: Plan, held: Claim, told: Sequence[Told]) -> list[Undoable]:
    nodes = _with_compensation(plan.workflow)
    if not nodes or held.first_item is not None:
        return []
    steps = _succeeded(held.run)
    undone = set(steps.exclude(compensates=None).values_list("compensates", flat=True))
    done = list(steps.filter(compensates=None, node__in=nodes).values_list("position", "node"))
    done += [(step.position, step.node) for step in told if step.node in nodes and step.outcome.output]
    return [Undoable(position, node) for position, node in done if position not in undone]


def cancelled(plan: Plan, held: Claim, told: Sequence[Told], *, cursor: str, attempt: int) -> Move:
    """Where a run goes that is cancelled: to undoing what it did, or else to its end."""
    undo = last_undoable(plan, held, told)
    if undo is not None:
        return undone_from(undo.node, None, skip=1)
    return ended_by_cancel(cursor, attempt=attempt)


def ended_by_cancel(cursor: str, *, attempt: int) -> Move:
    """To the end of a cancelled run that has nothing to undo."""
    about = Failure("cancelled", "Cancelled", "", cursor)
    return replace(stopped(State.CANCELLED, cursor, about, attempt=attempt), failure=None)


def undoes_where_it_stands(run: Run) -> bool:
    """Whether the step at which the run stands is one that can be undone."""
    content = parsed(run.version)
    here = isinstance(content, WorkflowContent) and run.cursor in _with_compensation(content)
    return here and run.first_item is None


def last_left(run: Run) -> str | None:
    """The node of the last step that is to be undone and has not been, as the run's rows have it now."""
    left = left_to_undo(run)
    return max(left, key=lambda step: step.position).node if left else None


def left_to_undo(run: Run) -> list[Undoable]:
    """Every step that is to be undone and has not been, as the run's rows have it now.

    None that another run relies on, and nothing of a run of which a content was altered, however deep: of
    that nothing is executed.
    """
    return _free(run.pk, _left(run))


def relied_on(run: Run) -> str:
    """What would be undone of the run if no other relied on it, and which does, in words; empty when none."""
    left = _left(run)
    reliance = reliance_on(run.pk) if left else Reliance()
    nodes = ", ".join(f"“{step.node}”" for step in sorted(left, key=_place) if _place(step) < reliance.before)
    return f"run {reliance.by} took over what {nodes} did, and relies on it" if nodes else ""


def _left(run: Run) -> list[Undoable]:
    """The same, whoever relies on it."""
    try:
        plan = plan_of(run.version_id, run.version.digest)
        left = _of_parts(plan, run.pk, run.cursor)
    except NotCleared:
        return []
    if run.first_item is None:
        done = _succeeded(run.pk).standing().filter(node__in=_with_compensation(plan.workflow))
        left += [Undoable(position, node) for position, node in done.values_list("position", "node")]
    return left


def _free(run: UUID, steps: list[Undoable]) -> list[Undoable]:
    """Those on which no other run relies: what it took over is not undone under it."""
    before = reliance_on(run).before if steps else 0
    return [step for step in steps if step.position >= before]


def _place(step: Undoable) -> int:
    return step.position


def in_hand(plan: Plan, held: Claim) -> Undoable | None:
    """The step at the cursor that is to be undone, or whose parts have undone themselves by now."""
    parts = _of_parts(plan, held.run, held.cursor, also_undone=True)
    found = [*undoable(plan, held), *_free(held.run, parts)]
    told = Step.objects.filter(run=held.run, state=Step.State.SUCCEEDED).exclude(compensates=None)
    undone = set(told.values_list("compensates", flat=True))
    here = (step for step in found if step.node == held.cursor and step.position not in undone)
    return next(here, None)


def _of_parts(plan: Plan, run: UUID, cursor: str, *, also_undone: bool = False) -> list[Undoable]:
    """The steps whose parts have something left to undo: a slice's as one, whichever item it was."""
    nodes = {node for node in plan.workflows if _undoes_by_parts(plan, node)}
    if not nodes:
        return []
    parts = Run.objects.filter(parent=run).select_related("version__asset")
    left = {part.parent_position or 0 for part in parts if also_undone or _has_left(part)}
    if left and Run.objects.filter(pk=run, first_item__isnull=False).exists():
        left = {max(part.parent_position or 0 for part in parts)}
    made = Q(position__in=left, compensates=None) | Q(compensates__in=left)
    known = Step.objects.filter(made, run=run).values_list("compensates", "position", "node")
    named = {at if undone is None else undone: node for undone, at, node in known}
    found = [Undoable(at, named.get(at, cursor), parts=True) for at in left]
    return [step for step in found if step.node in nodes]


def _has_left(part: Run) -> bool:
    if part.state in NOTHING_LEFT:
        return False
    return part.state == State.COMPENSATING or last_left(part) is not None


def _undoes(plan: Plan) -> bool:
    return bool(_with_compensation(plan.workflow)) or any(
        _undoes_by_parts(plan, node) for node in plan.workflows
    )


def _undoes_by_parts(plan: Plan, node: str) -> bool:
    """Whether what the node runs undoes itself: not where the node says what undoes it."""
    pinned = plan.workflows[node]
    if getattr(plan.workflow.node(node), "compensate", None) is not None:
        return False
    return _undoes(plan_of(pinned.version, pinned.digest))


def _succeeded(run: UUID) -> StepQuerySet:
    """The run's own steps that have succeeded; what a fork was copied with, its source did."""
    found = Step.objects.filter(run=run, state=Step.State.SUCCEEDED)
    return found.exclude(position__lt=F("run__source_position"))


def _with_compensation(workflow: WorkflowContent) -> frozenset[str]:
    return frozenset(node.key for node in workflow.nodes if getattr(node, "compensate", None) is not None)
