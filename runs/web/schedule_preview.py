"""When a schedule would fire: the next five times, on the clocks of its zone and in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from governance.errors import Invalid
from governance.web.acting import actor_of, refuse_unknown, uuid_or_none
from runs.schedules.clock import database_now
from runs.schedules.models import Schedule
from runs.schedules.reading import next_times
from runs.schedules.timing import Timing, checked
from runs.web.schedule_forms import TimingForm


@dataclass(frozen=True)
class Moment:
    """A time on the clocks of a zone, with the name of what they are off UTC, and in UTC."""

    here: datetime

    @property
    def local(self) -> str:
        """Such as "Mon 23 Nov 2026, 09:00"."""
        return f"{self.here:%a} {self.here.day} {self.here:%b %Y}, {_clock(self.here)}"

    @property
    def offset(self) -> str:
        """Such as "CET"."""
        return self.here.tzname() or ""

    @property
    def utc(self) -> str:
        """Such as "Mon 08:00 UTC"."""
        at = self.here.astimezone(UTC)
        return f"{at:%a} {_clock(at)} UTC"


@dataclass(frozen=True)
class Preview:
    """The times in words and one by one; or what is wrong."""

    words: str = ""
    zone: str = ""
    times: list[Moment] = field(default_factory=list)
    problem: str = ""


@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """The part of the form that is fetched anew while its timing is edited."""
    refuse_unknown(request.GET, "schedule", *TimingForm.base_fields)
    changed = None
    if "schedule" in request.GET:
        rows = Schedule.objects.visible_to(actor_of(request))
        changed = get_object_or_404(rows, pk=uuid_or_none(request.GET["schedule"]))
    return render(request, "runs/schedule_preview.html", {"preview": preview_of(request.GET, changed)})


def preview_of(asked: Mapping[str, Any], changed: Schedule | None = None) -> Preview:
    """Of a form's values, valid or not; for a schedule that they change, which keeps its times if they do."""
    form = TimingForm(asked)
    if not form.is_valid():
        return Preview(problem=str(next(iter(form.errors.values()))[0]))
    try:
        timing = checked(**{"cron": "", "every_s": None, **form.when()})
    except Invalid as problem:
        return Preview(problem=problem.message)
    now = database_now()
    found = Timing(timing.zone, cron=timing.cron, every_s=timing.every_s, anchor=now)
    if changed is not None and replace(found, anchor=changed.anchor) == changed.timing:
        found = changed.timing
    return upcoming(found, now)


def upcoming(timing: Timing, now: datetime) -> Preview:
    """Of a timing that fires."""
    zone = ZoneInfo(timing.zone)
    times = [Moment(found.astimezone(zone)) for found in next_times(timing, now)]
    return Preview(timing.words(), timing.zone, times)


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"
