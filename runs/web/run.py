"""The page of one run, and the part of it that is fetched anew while the run is under way."""

import hashlib
from typing import Any, Final
from uuid import UUID

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.catalog.models import Asset, Pin
from governance.ledger.models import Event
from governance.web.acting import actor_of
from governance.web.history import entry
from runs.durable.machine import HELD_UP, UNDER_WAY
from runs.durable.why import why_not_moving
from runs.insight.damages import damages_of
from runs.insight.mishaps import cost_untold, mishaps_of
from runs.insight.search import output_nodes, result_of
from runs.records.models import Run, RunInput, Step
from runs.replay.experiment import replaced_by
from runs.replay.fitting import may_fork
from runs.web import strip
from runs.web.kin import delivery_of, derived_from, fans_of, firing_of, reason_of
from runs.web.memory_uses import uses_of
from runs.web.offers import dialogs_of, offers_of
from runs.web.pieces import piece_of
from runs.web.rows import rows_of
from runs.web.stops import broken_off, stops_of
from runs.web.timeline import timeline_of
from runs.web.waits import waits_of

MOST_EVENTS: Final = 200


@require_safe
def run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One run: where it stands, what it did, and everything that was recorded of it."""
    actor = actor_of(request)
    found = _visible(actor, pk)
    return render(request, "runs/run.html", _standing(actor, found, request))


@require_safe
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The changing part of the page: 304 while nothing has changed, and no more asking after the end."""
    actor = actor_of(request)
    found = _visible(actor, pk)
    etag = f'"{_mark(found)}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        response = render(request, "runs/progress.html", {**_standing(actor, found, request), "alone": True})
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def strip_of(found: Run, result: Step | None) -> list[strip.Fact]:
    """The strip of a run: of its result, or of what is to make it."""
    pinned: dict[str, Any] = {}
    node = result.node if result else output_nodes([found.version_id])[found.version_id]
    if result is None:
        pins = Pin.objects.filter(version=found.version_id, node=node)
        pinned = {pin.pinned.asset.kind: pin.pinned for pin in pins.select_related("pinned__asset")}
    else:
        pinned = {Asset.Kind.PROMPT: result.prompt_version, Asset.Kind.MODEL: result.model_version}
    model = pinned.get(Asset.Kind.MODEL)
    settings = strip.settings_of(model, workflow=found.version, node=node) if model else ""
    inputs = list(RunInput.objects.filter(run=found.pk))
    return [
        strip.produced_by(found, result, steps=found.position if result else _done(found)),
        strip.prompt_used(pinned.get(Asset.Kind.PROMPT)),
        strip.model_used(model, settings=settings),
        strip.inputs_given(inputs),
        strip.release_used(found),
        strip.approved_by(found),
    ]


def _done(found: Run) -> int:
    """How many of the run's steps have succeeded; those that undo others do not count."""
    return Step.objects.filter(run=found.pk, state=Step.State.SUCCEEDED, compensates=None).count()


def _visible(actor: User, pk: UUID) -> Run:
    related = ("release__request", "release__environment", "started_by")
    kin = ("parent__workflow", "source__workflow")
    rows = Run.objects.visible_to(actor).with_names().select_related(*related, *kin)
    return get_object_or_404(rows, pk=pk)


def _standing(actor: User, found: Run, request: HttpRequest) -> dict[str, Any]:
    """Where the run stands now."""
    piece = piece_of(found, request.GET)
    result = result_of(found)
    operates = reach(actor).allows(Permission.OPERATE, found.project_id)
    fans = fans_of(found, piece.steps)
    mishaps = mishaps_of(found)
    return {
        "run": found,
        "row": rows_of([found])[0],
        "piece": piece,
        "result": result,
        "facts": strip_of(found, result),
        "timeline": timeline_of(
            found,
            piece.steps,
            [*stops_of(found), *broken_off(mishaps)],
            now=timezone.now(),
            first=piece.is_first,
            last=piece.is_last,
        ),
        "why": why_not_moving(found),
        "mishaps": mishaps,
        "untold": {step.pk for step in piece.steps if cost_untold(step)},
        "under_way": found.state in UNDER_WAY | HELD_UP,
        "fans": fans,
        "derived": derived_from(found, actor),
        "delivery": delivery_of(found),
        "firing": firing_of(found),
        "because": reason_of(found),
        "replaced": replaced_by(found),
        "may_fork": operates and may_fork(found),
        "offers": offers_of(found, operates=operates, paused_parts=any(fan.paused for fan in fans)),
        "dialogs": dialogs_of(found, operates=operates),
        "memory": uses_of(found, piece.steps),
        **_recorded(found),
        "damages": damages_of(found),
        "given": found.inputs.select_related("artifact").defer("artifact__inline"),
        **waits_of(found, actor),
    }


def _recorded(found: Run) -> dict[str, Any]:
    """The newest of the run's events in the order in which they were recorded, and how many there are."""
    events = Event.objects.of_run(found.pk)
    newest = list(events.reverse()[:MOST_EVENTS])
    count = events.count() if len(newest) == MOST_EVENTS else len(newest)
    return {"events": [entry(event) for event in reversed(newest)], "entries": count}


def _mark(found: Run) -> str:
    """Changes whenever the run does, or the words that say why it does not move; not with the clock alone."""
    moved = (found.state, found.position, found.attempt, found.lease_epoch, found.finished_at, found.nudges)
    parts = (*moved, found.parts.aggregate(done=Sum("position"))["done"], why_not_moving(found))
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:24]
