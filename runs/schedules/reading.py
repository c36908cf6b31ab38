"""What pages and the API say of schedules beyond their own columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.db.models import OuterRef, Subquery

from runs.schedules.models import Firing, Schedule
from runs.schedules.timing import Timing

# A schedule that is due for longer than this tells that no sweeper is at work.
OVERDUE = timedelta(seconds=60)
SHOWN = 5


@dataclass(frozen=True)
class Standing:
    """How a schedule stands, in a word and the word's tone."""

    word: str
    tone: str


def standing_of(schedule: Schedule) -> Standing:
    """Of a row that was read `with_names`."""
    if schedule.state == Schedule.State.RETIRED:
        return Standing("Retired", "none")
    if schedule.state == Schedule.State.PAUSED:
        return Standing("Paused", "hold")
    late: timedelta | None = getattr(schedule, "late", None)
    if late is not None and late > OVERDUE:
        return Standing("Overdue", "bad")
    return Standing("Waits for its run", "wait") if schedule.queued_for else Standing("On", "ok")


def last_firings(schedules: Iterable[Schedule]) -> dict[UUID, Firing]:
    """Of each schedule the firing that was told last, with its run."""
    newest = Firing.objects.filter(schedule=OuterRef("pk")).order_by("-id").values("pk")[:1]
    named = Schedule.objects.filter(pk__in=[schedule.pk for schedule in schedules])
    wanted = named.annotate(newest=Subquery(newest)).values_list("newest", flat=True)
    found = Firing.objects.filter(pk__in=[pk for pk in wanted if pk]).select_related("run")
    return {firing.schedule_id: firing for firing in found}


def next_times(timing: Timing, after: datetime, count: int = SHOWN) -> Sequence[datetime]:
    """The next times, in UTC."""
    return list(islice(timing.after(after), count))
