"""Two runs side by side: their steps by node, and where they first part. Reads only."""

from dataclasses import dataclass

from runs.records.models import Run, Step


@dataclass(frozen=True)
class Pair:
    """What each of the two runs did at one node: its last attempt, or nothing."""

    node: str
    left: Step | None
    right: Step | None

    @property
    def same(self) -> bool:
        """Whether both made the same bytes, or failed with the same code, and went the same way."""
        if self.left is None or self.right is None:
            return False
        return _came_of(self.left) == _came_of(self.right)


@dataclass(frozen=True)
class Comparison:
    """Two runs and the pairs of their steps: in the left run's order, then what only the right one did."""

    left: Run
    right: Run
    pairs: tuple[Pair, ...]

    @property
    def parting(self) -> Pair | None:
        """The first pair that is not the same; None when all are."""
        return next((pair for pair in self.pairs if not pair.same), None)


def compared(left: Run, right: Run) -> Comparison:
    """The steps of both by node. Compensations are left out: they follow from what went before."""
    first, second = _last_attempts(left), _last_attempts(right)
    nodes = [*first, *(node for node in second if node not in first)]
    return Comparison(left, right, tuple(Pair(node, first.get(node), second.get(node)) for node in nodes))


def _last_attempts(run: Run) -> dict[str, Step]:
    steps = Step.objects.filter(run=run, compensates=None).with_names().order_by("position", "attempt")
    return {step.node: step for step in steps}


def _came_of(step: Step) -> tuple[str, str, str]:
    made = step.output.sha256 if step.output else ""
    return made, step.error.code if step.error else "", step.chosen
