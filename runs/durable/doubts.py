"""Attempts that failed or were broken off, and of which nobody knows whether they took effect."""

from collections.abc import Collection, Iterator, Mapping
from uuid import UUID

from django.db.models import Exists, OuterRef

from governance.catalog.calls import changes
from governance.catalog.content import parsed
from governance.catalog.nodes import call_of
from governance.catalog.workflows import WorkflowContent
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from runs.durable.reviews import OUTCOME_UNKNOWN, UNRECORDED
from runs.providers.errors import may_have_begun
from runs.records.begun import Begun
from runs.records.models import Run, Step
from runs.records.querysets import StepQuerySet

# The request was sent, and whatever came back tells nothing; or the server said that it failed with it.
UNTOLD = (
    OUTCOME_UNKNOWN
    | UNRECORDED
    | {
        "answer_refused",
        "answer_too_large",
        "endpoint_broke_off",
        "model_broke_off",
    }
)


def doubtful(run: Run) -> list[str]:
    """The nodes of such steps of the run, in their order: what undoes a step is called for what succeeded."""
    content = parsed(run.version)
    if not isinstance(content, WorkflowContent):
        return []
    steps = _attempts([run.pk], changing(content)).order_by("position", "attempt")
    last = {step.node: step for step in steps}  # of a slice none undoes anything
    found = [node for node, step in last.items() if _is_untold(step)]
    return [*found, *(node for _, _, node in _broken_off([run.pk]) if node not in found)]


def in_doubt(runs: Collection[UUID], content: WorkflowContent) -> Iterator[tuple[UUID, int, str]]:
    """The runs, positions and nodes of such attempts of these runs, unless one after it succeeded.

    Nor where an operator who had looked let the step be attempted once more.
    """
    yield from _broken_off(runs)
    steps = _attempts(runs, changing(content))
    done = steps.filter(run=OuterRef("run"), position=OuterRef("position"), state=Step.State.SUCCEEDED)
    failed = list(steps.filter(~Exists(done), state=Step.State.FAILED))
    said = _said({step.run_id for step in failed}) if failed else {}
    for step in failed:
        if _is_untold(step) and step.attempt >= said.get((step.run_id, step.position), 0):
            yield step.run_id, step.position, step.node


def changing(content: WorkflowContent) -> list[str]:
    """The nodes whose calls change something outside."""
    calls = {node.key: call_of(node) for node in content.nodes}
    return [key for key, call in calls.items() if call is not None and changes(call)]


def _attempts(runs: Collection[UUID], nodes: Collection[str]) -> StepQuerySet:
    return Step.objects.filter(run__in=runs, node__in=nodes, compensates=None)


def _broken_off(runs: Collection[UUID]) -> Iterator[tuple[UUID, int, str]]:
    """Where an unsafe attempt was begun, and neither it nor one after it was recorded, or is to be made."""
    here = {"run": OuterRef("run"), "position": OuterRef("position")}
    recorded = Step.objects.filter(**here, attempt__gte=OuterRef("attempt"))
    to_be_made = Run.objects.filter(
        pk=OuterRef("run"), position=OuterRef("position"), attempt__gt=OuterRef("attempt")
    )
    marks = Begun.objects.filter(~Exists(recorded), ~Exists(to_be_made), run__in=runs)
    found = list(marks.select_related("run").order_by("position", "attempt"))
    said = _said({mark.run_id for mark in found}) if found else {}
    for mark in found:
        if mark.attempt >= said.get((mark.run_id, mark.position), 0):
            yield mark.run_id, mark.position, _node_at(mark.run, mark.position)


def _node_at(run: Run, position: int) -> str:
    stopped_at = run.error.node if run.error is not None and run.position != position else ""
    return str(stopped_at or run.cursor)


def _said(runs: Collection[UUID]) -> Mapping[tuple[UUID | None, int], int]:
    """By run and position: the attempt that an operator allowed, who says that those before had no effect."""
    events = Event.objects.filter(run__in=runs, kind=Kind.RUN_REVIEWED).order_by("id")
    return {(event.run, event.details["position"]): event.details["attempt"] for event in events}


def _is_untold(step: Step) -> bool:
    if step.error is None:
        return False
    return step.error.code in UNTOLD or may_have_begun(int(step.facts.get("status", 0)))
