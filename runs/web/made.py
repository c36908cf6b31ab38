"""From a version forwards: the runs and outputs that it made, alone or beside those of another version."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from governance.catalog.models import Asset, Version
from governance.errors import Invalid
from governance.web.acting import actor_of, refuse_unknown, uuid_or_none
from governance.web.paging import page_of
from runs.artifacts.classes import class_words
from runs.insight.generations import Counterpart, beginnings, counterparts, made_by
from runs.reading.models import Ticket
from runs.reading.reading import Reading
from runs.reading.services import About
from runs.records.models import Run, Step
from runs.web.opened import opened
from runs.web.paging import MOST_COUNTED, counted, with_parameters

SIZE: Final = 25


@dataclass(frozen=True)
class Said:
    """An output's beginning as text; `cut` when there is more of it; or its class, when it is masked."""

    step: Step
    text: str
    cut: bool
    masked: str = ""


@dataclass(frozen=True)
class MadeRow:
    """One output, what it was made from, and its counterpart."""

    said: Said
    other: Said | None
    counterpart: Counterpart


@require_safe
def made(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What one version made; with `?against=` another version's output for the same inputs beside each."""
    actor = actor_of(request)
    version = get_object_or_404(Version.objects.visible_to(actor).select_related("asset__project"), pk=pk)
    refuse_unknown(request.GET, "against")
    siblings = [
        found for found in version.asset.versions.defer("content").select_related("asset") if found.pk != pk
    ]
    against = _against(siblings, request.GET.get("against", ""))
    outputs = made_by(version, actor=actor)
    page = page_of(outputs, request.GET, size=SIZE)
    if against is not None:
        against = Version.objects.select_related("asset").get(pk=against.pk)
    found = counterparts(page.rows, other=against, actor=actor)
    said = _said(request, version, [step for each in found for step in (each.step, each.other) if step])
    rows = [MadeRow(said[each.step.pk], said[each.other.pk] if each.other else None, each) for each in found]
    count = counted(outputs)
    context = {
        "version": version,
        "heading": f"What {version} made",
        "against": against,
        "choices": [
            {
                "label": str(found),
                "url": with_parameters(request.GET, against=str(found.pk)),
                "current": found == against,
            }
            for found in siblings
        ],
        "alone_url": with_parameters(request.GET, drop="against"),
        "rows": rows,
        "page": page,
        "count": count,
        "capped": count > MOST_COUNTED,
        "most": MOST_COUNTED,
        "runs": _runs(version, request) if version.asset.kind == Asset.Kind.WORKFLOW else None,
    }
    return render(request, "runs/made.html", context)


def _against(siblings: list[Version], wanted: str) -> Version | None:
    if not wanted:
        return None
    identifier = uuid_or_none(wanted)
    found = next((version for version in siblings if version.pk == identifier), None)
    if found is None:
        raise Invalid(
            "This asset has no such version to compare with.", fields={"against": "No such version."}
        )
    return found


def _runs(version: Version, request: HttpRequest) -> int:
    return counted(Run.objects.visible_to(actor_of(request)).whole().filter(version=version))


def _said(request: HttpRequest, version: Version, steps: list[Step]) -> dict[UUID, Said]:
    """How each output begins, by its step."""
    asset = version.asset
    about = About("version", version.pk, project=asset.project_id, organisation=asset.project.organisation_id)
    wanted = [step.output_id for step in steps]
    reading = opened(request, about, wanted, purpose="what a version made", kind=Ticket.Kind.LISTED)
    found = beginnings(steps, reading)
    return {step.pk: _beginning(step, found, reading) for step in steps}


def _beginning(step: Step, found: Mapping[UUID, tuple[str, bool]], reading: Reading) -> Said:
    if step.output_id and (level := reading.masked.get(step.output_id)):
        return Said(step, "", cut=False, masked=class_words(level))
    return Said(step, *found[step.pk])
