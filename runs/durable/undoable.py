"""Which of a run's steps are still to be undone: what succeeded, and whose compensation has not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import F

from governance.catalog.content import parsed
from governance.catalog.workflows import WorkflowContent
from runs.durable.claim import Claim
from runs.durable.machine import State
from runs.durable.moves import Move, stopped, undone_from
from runs.durable.plans import Plan
from runs.durable.told import Told
from runs.records.failure import Failure
from runs.records.models import Run, Step
from runs.records.querysets import StepQuerySet


@dataclass(frozen=True)
class Undoable:
    """A step that can be undone, by its position, and its node."""

    position: int
    node: str


def last_undoable(
    plan: Plan, held: Claim, told: Sequence[Told] = (), *, before: int | None = None
) -> Undoable | None:
    """The last such step, those that are not committed yet counted; with `before`, of those before it."""
    found = [step for step in undoable(plan, held, told) if before is None or step.position < before]
    return max(found, key=lambda step: step.position, default=None)


def undoable(plan: Plan, held: Claim, told: Sequence[Told] = ()) -> list[Undoable]:
    """Every step that is to be undone and has not been."""
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


def can_be_undone(run: Run) -> bool:
    """Whether the run's workflow says of one of its nodes how it is undone. A slice undoes nothing."""
    content = parsed(run.version)
    return (
        isinstance(content, WorkflowContent) and run.first_item is None and bool(_with_compensation(content))
    )


def undoes_where_it_stands(run: Run) -> bool:
    """Whether the step at which the run stands is one that can be undone."""
    content = parsed(run.version)
    here = isinstance(content, WorkflowContent) and run.cursor in _with_compensation(content)
    return here and run.first_item is None


def last_left(run: Run) -> str | None:
    """The node of the last step that is to be undone and has not been, as the run's rows have it now."""
    content = parsed(run.version)
    if not isinstance(content, WorkflowContent) or run.first_item is not None:
        return None
    done = _succeeded(run.pk)
    undone = done.exclude(compensates=None).values("compensates")
    left = done.filter(compensates=None, node__in=_with_compensation(content)).exclude(position__in=undone)
    return left.order_by("-position").values_list("node", flat=True).first()


def _succeeded(run: UUID) -> StepQuerySet:
    """The run's own steps that have succeeded; what a fork was copied with, its source did."""
    found = Step.objects.filter(run=run, state=Step.State.SUCCEEDED)
    return found.exclude(position__lt=F("run__source_position"))


def _with_compensation(workflow: WorkflowContent) -> frozenset[str]:
    return frozenset(node.key for node in workflow.nodes if getattr(node, "compensate", None) is not None)
