"""A run as one row of a list: its state in words, who approved it, how long it took."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.utils import timezone

from runs.insight.currency import USUAL, currencies
from runs.records.failed import undone_after_failure
from runs.records.models import Run
from runs.records.used import Used, used_of
from runs.replay.experiment import Replaced, replaced_in
from runs.web.approvals import approvals_of

WAITED_FOR: Final = {
    Run.WaitsFor.TIMER: "a time",
    Run.WaitsFor.EVENT: "a signal",
    Run.WaitsFor.PERSON: "a person",
    Run.WaitsFor.RETRY: "the next attempt",
    Run.WaitsFor.PARTS: "its parts",
    Run.WaitsFor.LIMIT: "room at a provider",
    Run.WaitsFor.WORKER: "a capable worker",
}
ORIGINS: Final = {
    Run.Origin.PAGE: "on the page",
    Run.Origin.API: "through the API",
    Run.Origin.COMMAND: "from the command line",
    Run.Origin.SUBRUN: "as a step of another run",
    Run.Origin.ITEMS: "as a slice of the items of another run",
    Run.Origin.FORK: "as a fork of another run",
    Run.Origin.REPLAY: "as a replay of another run",
    Run.Origin.SCHEDULE: "by a schedule",
    Run.Origin.WEBHOOK: "by a webhook",
    Run.Origin.IMPORT: "elsewhere, and imported",
}


@dataclass(frozen=True)
class Row:
    """What a list says of a run beyond its own columns; `replaced` is what an experiment runs."""

    run: Run
    currency: str = USUAL
    replaced: Sequence[Replaced] = ()

    @property
    def state(self) -> str:
        """The state, and where the run stands: "Failed at summarise", "Running, step 3"."""
        run = self.run
        match run.state:
            case Run.State.FAILED | Run.State.QUARANTINED | Run.State.NEEDS_REVIEW:
                return f"{run.get_state_display()} at {(run.error and run.error.node) or run.cursor}"
            case Run.State.COMPENSATED if undone_after_failure(run):
                return f"Failed at {(run.error and run.error.node) or run.cursor}, undone"
            case Run.State.RUNNING:
                return f"Running, step {run.position + 1}"
            case Run.State.WAITING if run.waits_for:
                return f"Waiting for {WAITED_FOR[Run.WaitsFor(run.waits_for)]}"
            case Run.State.COMPENSATING:
                return f"Undoing {run.cursor}"
        return run.get_state_display()

    @property
    def place(self) -> str:
        """Of a slice of a map, which items it has: "items 1 to 25"; else nothing."""
        first, end = self.run.first_item, self.run.end_item
        return "" if first is None or end is None else f"items {first + 1:,} to {end:,}"

    @property
    def origin(self) -> str:
        """How it was started: "on the page", "as a step of another run"."""
        return ORIGINS[Run.Origin(self.run.origin)]

    @property
    def tone(self) -> str:
        """The tone of the state where its word alone does not give it."""
        if undone_after_failure(self.run):
            return "bad"
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
    def used(self) -> Used:
        """What it used, with its parts."""
        return used_of(self.run)

    @property
    def cost(self) -> object:
        """What its steps and its parts' cost; None when one had no price, or no model was asked."""
        used = self.used
        return used.cost if used.priced and (used.tokens_in or used.tokens_out) else None


def rows_of(runs: Iterable[Run]) -> list[Row]:
    """The rows of a list."""
    listed = list(runs)
    used = currencies({run.organisation_id for run in listed})
    replaced = replaced_in(listed)
    return [Row(run, used[run.organisation_id], replaced.get(run.pk, ())) for run in listed]
