"""Verifying a run from its page: what a walk over its records found, step by step."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.web.acting import actor_of
from governance.web.history import Entry, entry
from runs.lineage.models import Edge
from runs.records.models import Run, Step
from runs.replay.verify import Verdict, verify_run
from runs.replay.walk import Difference

MOST_LINES: Final = 200
MOST_EARLIER: Final = 10


@dataclass(frozen=True)
class Line:
    """One step with what it read, sent and made, and what was found to differ of it."""

    step: Step
    inputs: list[Edge] = field(default_factory=list)
    prompt: Edge | None = None
    differences: Sequence[Difference] = ()


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was found before; a POST verifies now and shows what came of it, step by step."""
    actor = actor_of(request)
    run = get_object_or_404(Run.objects.visible_to(actor).with_names(), pk=pk)
    context: dict[str, object] = {"run": run, "most": MOST_LINES}
    if request.method == "POST":
        verdict = verify_run(run, actor=actor)
        first = verdict.differences[0] if verdict.differences else None
        context |= {
            "verdict": verdict,
            "said": in_words(verdict),
            "first": first,
            "lines": _lines(run, verdict),
            "elsewhere": [found for found in verdict.differences if found.run != run.pk],
        }
    return render(request, "runs/verify.html", {**context, "earlier": _earlier(run)})


def in_words(verdict: Verdict) -> str:
    """The verdict as a person would say it."""
    runs = _many(verdict.runs, "run")
    if verdict.holds:
        every = "The one step" if verdict.steps == 1 else f"All {verdict.steps:,} steps"
        yields = f"{'is' if verdict.steps == 1 else 'are'} what the workflow version yields"
        return f"{every} of {runs} {yields} from what was recorded; no step was called."
    found = f"{_many(len(verdict.differences), 'difference')} in {_many(verdict.steps, 'step')} of {runs}"
    return f"{found}: these records are not what the workflow version yields. No step was called."


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _lines(run: Run, verdict: Verdict) -> list[Line]:
    """The first of the run's own steps, in their order."""
    steps = list(Step.objects.filter(run=run.pk, compensates=None).with_names()[:MOST_LINES])
    edges: dict[UUID, list[Edge]] = defaultdict(list)
    related = Edge.objects.filter(step__in=[step.pk for step in steps]).select_related("artifact")
    for edge in related.defer("artifact__inline").order_by("id"):
        edges[edge.step_id].append(edge)
    found: dict[tuple[str, int], list[Difference]] = defaultdict(list)
    for difference in verdict.differences:
        if difference.run == run.pk:
            found[difference.node, difference.position].append(difference)
    return [_line(step, edges[step.pk], found[step.node, step.position]) for step in steps]


def _line(step: Step, edges: list[Edge], differences: list[Difference]) -> Line:
    prompts = [edge for edge in edges if edge.role == Edge.Role.PROMPT]
    inputs = [edge for edge in edges if edge.role == Edge.Role.INPUT]
    return Line(step, inputs, prompts[0] if prompts else None, differences)


def _earlier(run: Run) -> list[Entry]:
    """The newest verifications that the ledger holds of the run."""
    events = Event.objects.of_run(run.pk).filter(kind=Kind.RUN_VERIFIED)
    return [entry(event) for event in events.reverse()[:MOST_EARLIER]]
