"""Two runs of a workflow beside one another: what they used, where they part, what each made."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from governance.errors import Invalid
from governance.web.acting import actor_of, chosen, refuse_unknown
from governance.web.comparison import TextPart
from governance.web.differences import Budget
from governance.web.differences import compare as difference
from runs.artifacts.models import Artifact
from runs.reading.services import About
from runs.records.models import Run
from runs.replay.compare import Comparison, Pair, compared
from runs.web.compare_asked import asked_alike, versions_beside
from runs.web.compare_facts import facts_beside, rows_beside
from runs.web.opened import opened
from runs.web.texts import Masked, Shown, shown

MOST_TEXTS: Final = 12
VIEWS: Final = ("split", "unified")
NOT_COMPARABLE: Final = "These are runs of two different workflows, which have no steps in common."


@dataclass(frozen=True)
class Texts:
    """What both runs made at one node: `part` when both are text; `cut` when there is more of it."""

    pair: Pair
    part: TextPart | None
    cut: bool
    is_output: bool
    masked: list[Masked]


@require_safe
def compare(request: HttpRequest, pk: UUID, other: UUID) -> HttpResponse:
    """Both runs must be within reach and of one workflow."""
    visible = Run.objects.visible_to(actor_of(request)).with_names()
    left, right = get_object_or_404(visible, pk=pk), get_object_or_404(visible, pk=other)
    refuse_unknown(request.GET, "view")
    if left.workflow_id != right.workflow_id:
        raise Invalid(NOT_COMPARABLE)
    comparison = compared(left, right)
    first, second = rows_beside(left, right)
    differing = [pair for pair in comparison.pairs if not pair.same]
    context = {
        "left": first,
        "right": second,
        "comparison": comparison,
        "facts": facts_beside(first, second, asked=versions_beside(comparison.pairs)),
        "differing": differing,
        "said": f"{in_words(comparison, len(differing))} {asked_alike(comparison)}".strip(),
        "texts": _texts(comparison, differing, request),
        "split": chosen(request.GET, "view", VIEWS, "split") == "split",
    }
    return render(request, "runs/compare.html", context)


def in_words(comparison: Comparison, differing: int) -> str:
    """Where they part, as a person would say it."""
    count, parting = len(comparison.pairs), comparison.parting
    if parting is None:
        return f"Both did the same at each of {count} step{'' if count == 1 else 's'}, byte for byte."
    if parting.left is None or parting.right is None:
        return f"They part at {parting.node}, to which only one of them came."
    same = count - differing
    return f"They part at {parting.node}: {same} of {count} step{'' if count == 1 else 's'} the same."


def _texts(comparison: Comparison, differing: list[Pair], request: HttpRequest) -> list[Texts]:
    """The first of the steps at which both made something, and not the same."""
    both = [pair for pair in differing if pair.left and pair.right and pair.left.output and pair.right.output]
    both = both[:MOST_TEXTS]
    wanted = [step.output_id for pair in both for step in (pair.left, pair.right) if step and step.output_id]
    about = About("run", comparison.left.pk, comparison.left)
    reading = opened(request, about, wanted, purpose="a comparison of two runs")
    shown_of = {pk: shown(found, reading) for pk, found in Artifact.objects.in_bulk(wanted).items()}
    budget = Budget()
    return [_text(pair, shown_of, budget, comparison) for pair in both]


def _text(pair: Pair, shown_of: dict[UUID, Shown], budget: Budget, comparison: Comparison) -> Texts:
    made_by = (step.output_id if step else None for step in (pair.left, pair.right))
    old, new = (shown_of.get(found) if found else None for found in made_by)
    part = None
    if old and new and old.text is not None and new.text is not None:
        part = TextPart(pair.node, difference(old.text, new.text, budget))
    cut = bool(part and part.difference.cut) or any(each.cut for each in (old, new) if each)
    made = (comparison.left.output_id, comparison.right.output_id)
    is_output = any(step and step.output_id in made for step in (pair.left, pair.right))
    masked = [each.masked for each in (old, new) if each and each.masked]
    return Texts(pair, part, cut, is_output, masked)
