"""The page of an erasure: what was announced, what was removed and kept, and where the log says so."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from governance.accounts.models import User
from governance.proof.models import Checkpoint, Position
from governance.proof.reading import first_covering
from governance.web.acting import actor_of, refuse_unknown
from governance.web.history import Entry, history
from governance.web.paging import page_of
from runs.lineage.visible import artifacts_visible_to
from runs.retention.models import Erasure, ErasureContent

SHOWN: Final = 50
EVENTS_SHOWN: Final = 40


@dataclass(frozen=True)
class Told:
    """An event of the erasure, its place in the log, and the first checkpoint over it."""

    entry: Entry
    position: Position | None
    checkpoint: Checkpoint | None


@require_safe
def erasure(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Its contents, as far as the person reaches them, and what stands in the ledger."""
    actor = actor_of(request)
    refuse_unknown(request.GET)
    found = get_object_or_404(Erasure.objects.visible_to(actor).counted(), pk=pk)
    listed = found.listed.select_related("artifact", "rule").defer("artifact__inline")
    within = listed.filter(artifact__in=artifacts_visible_to(actor).values("pk"))
    context = {
        "erasure": found,
        "page": page_of(within, request.GET, order=("id",), size=SHOWN),
        "classes": _classes(found),
        "why_kept": _why_kept(found),
        "told": _told(found, actor),
    }
    return render(request, "runs/erasure.html", context)


def _classes(found: Erasure) -> list[tuple[str, int, int]]:
    """Of each class: its name, for how many days it is kept, and how many contents there are."""
    rows = found.listed.values_list("classification", "rule__days").annotate(number=Count("pk")).order_by()
    labels: dict[Any, str] = dict(ErasureContent._meta.get_field("classification").flatchoices)
    return [(labels[name], days, number) for name, days, number in sorted(rows)]


def _why_kept(found: Erasure) -> list[tuple[str, int]]:
    kept = found.listed.filter(outcome=ErasureContent.Outcome.KEPT)
    rows = kept.values_list("why").annotate(number=Count("pk")).order_by("why")
    return [(ErasureContent.Why(why).label, number) for why, number in rows]


def _told(found: Erasure, actor: User) -> list[Told]:
    shown = history(("erasure", found.pk), actor=actor, limit=EVENTS_SHOWN)
    places = Position.objects.in_bulk([each.event.pk for each in shown])
    return [
        Told(each, place := places.get(each.event.pk), first_covering(place) if place else None)
        for each in shown
    ]
