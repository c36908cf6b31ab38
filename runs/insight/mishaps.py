"""What befell a run on its way: a worker that stopped in the middle, a failure after which it was resumed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from governance.catalog.models import Asset, Pin
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from runs.durable.why_waiting import MOMENT
from runs.providers.errors import COST_UNTOLD
from runs.records.discarded import Discarded
from runs.records.models import Run, Step

MOST: Final = 20
TAKEN_UP: Final = (Kind.RUN_CLAIMED, Kind.RUN_RECOVERED)
TWICE: Final = {
    "llm": "The model may have been asked twice. What the first call cost, if it was made, is not known "
    "and is in no sum",
    "http": "The other side may have been called twice",
}
BEGUN_ANEW: Final = "It may have been executed, in part or wholly, before it was executed again"
NOT_YET: Final = "It is executed again, so it may be executed twice"


COST_NOT_KNOWN: Final = (
    "The model may have had the request, and what that cost is not known and is in no sum."
)


@dataclass(frozen=True)
class Interruption:
    """The worker that held the run at `node` stopped answering: what it did `since` then is in no record.

    Another one could take the run `at` that moment, and did so when it was `taken_up`. `again` is the step
    that was committed there afterwards, None while there is none.
    """

    node: str
    since: datetime
    at: datetime
    taken_up: datetime | None
    worker: str
    again: Step | None
    means: str

    word = "Interrupted"

    @property
    def says(self) -> str:
        """What happened, and what nobody knows."""
        worker = f" ({self.worker})" if self.worker else ""
        return (
            f"the worker{worker} stopped answering at “{self.node}”. Nothing was recorded from "
            f"{self.since:{MOMENT}} until {self.at:{MOMENT}}. {self.means}."
        )


@dataclass(frozen=True)
class Resumption:
    """The run had failed at `node`, and somebody let it go on."""

    node: str
    at: datetime
    by: str
    reason: str
    failure: str
    failed: Step | None
    means: str

    word = "Resumed"

    @property
    def says(self) -> str:
        """What had failed, who let it go on, and why."""
        why = f"“{self.reason}”" if self.reason else "no reason was recorded"
        what = f" ({self.failure[:1].lower()}{self.failure[1:]})" if self.failure else ""
        end = "" if self.reason.endswith((".", "!", "?")) else "."
        who = f"{self.by} let it go on at {self.at:{MOMENT}}"
        return f"it had failed at “{self.node}”{what}. {who}: {why}{end}{self.means}"


def cost_untold(step: Step) -> bool:
    """Whether the attempt failed in a way after which the model may have answered, and be paid."""
    code = step.error.code if step.error else ""
    return step.kind == "llm" and code in COST_UNTOLD and step.cost is None


Mishap = Interruption | Resumption


def mishaps_of(run: Run, *, until: datetime | None = None) -> list[Mishap]:
    """The newest of them, in their order, those before `until`; in one query where there is none."""
    kinds = (Kind.RUN_RECOVERED, Kind.RUN_RESUMED)
    events = Event.objects.of_run(run.pk).filter(kind__in=kinds)
    before = events if until is None else events.filter(at__lt=until)
    newest = list(before.reverse()[:MOST])
    return [
        _interruption(run, event) if event.kind == Kind.RUN_RECOVERED else _resumption(run, event)
        for event in reversed(newest)
    ]


def _interruption(run: Run, event: Event) -> Interruption:
    """Where the run stood is what was committed next: the engine goes on from there, and nowhere else."""
    takings = Event.objects.of_run(run.pk).filter(kind__in=TAKEN_UP)
    held = takings.filter(id__lt=event.pk).last()
    by_sweeper = "recoveries" in event.details
    after = takings.filter(id__gt=event.pk).first() if by_sweeper else event
    steps = Step.objects.filter(run=run.pk)
    again = steps.filter(started_at__gte=event.at).order_by("finished_at", "position", "attempt").first()
    before = steps.filter(finished_at__lte=event.at).order_by("-finished_at").first()
    since = [moment for moment in (held and held.at, before and before.finished_at) if moment]
    node = str(event.details.get("node", "")) or (again.node if again else run.cursor)
    return Interruption(
        node=node,
        since=max(since, default=event.at),
        at=event.at,
        taken_up=after.at if after else None,
        worker=str(held.details.get("worker", "")) if held else "",
        again=again,
        means=_means(run, node, again),
    )


def _means(run: Run, node: str, again: Step | None) -> str:
    if again is None:
        return TWICE["llm"] if _asks_a_model(run, node) else NOT_YET
    late = Discarded.objects.filter(run=run.pk, position=again.position, attempt=again.attempt).count()
    if late:
        return "Its answer came too late: it was discarded, and what it cost counts in the run's sums"
    if "recorded_by" in again.facts:
        return f"What became of it was recorded by {again.facts['recorded_by']}, who had looked"
    return TWICE.get(again.kind, BEGUN_ANEW)


def _asks_a_model(run: Run, node: str) -> bool:
    return Pin.objects.filter(
        version=run.version_id, node=node, pinned__asset__kind=Asset.Kind.MODEL
    ).exists()


def _resumption(run: Run, event: Event) -> Resumption:
    node = str(event.details.get("node", ""))
    steps = Step.objects.filter(run=run.pk, state=Step.State.FAILED, finished_at__lte=event.at)
    failed = steps.order_by("-finished_at").first()
    error = failed.error if failed else None
    told = error if error and error.code == event.details.get("stopped_by") else None
    return Resumption(
        node=node,
        at=event.at,
        by=event.actor_name,
        reason=str(event.details.get("reason", "")),
        failure=told.title if told else "",
        failed=failed if told else None,
        means=f" {COST_NOT_KNOWN}" if told and failed and cost_untold(failed) else "",
    )
