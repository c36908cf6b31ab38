"""Which of a run's steps are still to be undone: what succeeded, and whose compensation has not."""

from collections.abc import Sequence
from dataclasses import dataclass

from runs.durable.claim import Claim
from runs.durable.plans import Plan
from runs.durable.told import Told
from runs.records.models import Step


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
    nodes = {node.key for node in plan.workflow.nodes if getattr(node, "compensate", None) is not None}
    if not nodes or held.first_item is not None:
        return []
    steps = Step.objects.filter(run=held.run, state=Step.State.SUCCEEDED)
    undone = set(steps.exclude(compensates=None).values_list("compensates", flat=True))
    done = list(steps.filter(compensates=None, node__in=nodes).values_list("position", "node"))
    done += [(step.position, step.node) for step in told if step.node in nodes and step.outcome.output]
    return [Undoable(position, node) for position, node in done if position not in undone]
