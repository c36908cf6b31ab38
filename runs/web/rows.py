"""A run as one row of a list: its state in words, who approved it, how long it took."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from runs.insight.currency import USUAL, currencies
from runs.records.models import Run
from runs.web.approvals import approvals_of


@dataclass(frozen=True)
class Row:
    """What a list says of a run beyond its own columns."""

    run: Run
    currency: str = USUAL

    @property
    def state(self) -> str:
        """The state, and where the run stands: "Failed at summarise", "Running, step 3"."""
        run = self.run
        match run.state:
            case Run.State.FAILED:
                return f"Failed at {(run.error and run.error.node) or run.cursor}"
            case Run.State.RUNNING:
                return f"Running, step {run.position + 1}"
            case Run.State.CANCELLED:
                return "Cancelled"
        return run.get_state_display()

    @property
    def tone(self) -> str:
        """The tone of the state where its word alone does not give it."""
        return {Run.State.QUEUED: "wait", Run.State.CANCELLED: "hold"}.get(Run.State(self.run.state), "")

    @property
    def approved_by(self) -> str:
        """The first approver, and how many more there are."""
        names = [vote.name for vote in approvals_of(self.run)]
        return "" if not names else names[0] + (f" +{len(names) - 1}" if len(names) > 1 else "")

    @property
    def duration(self) -> timedelta | None:
        """From the first step to the end, or until now while it runs; None before it began."""
        run = self.run
        if run.started_at is None:
            return None
        return (run.finished_at or timezone.now()) - run.started_at

    @property
    def cost(self) -> object:
        """The sum of what its steps cost; None when a step had no price, or none was asked for."""
        return self.run.cost if self.run.priced and (self.run.tokens_in or self.run.tokens_out) else None


def rows_of(runs: Iterable[Run]) -> list[Row]:
    """The rows of a list."""
    listed = list(runs)
    used = currencies({run.organisation_id for run in listed})
    return [Row(run, used[run.organisation_id]) for run in listed]
