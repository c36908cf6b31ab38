"""On, paused, retired: what changes of a locked row, and that no time that has come is lost with it.

The caller saves the row and records why.
"""

from datetime import datetime

from governance.ledger.services import Actor
from runs.schedules.firings import tell
from runs.schedules.models import Firing, Schedule
from runs.schedules.timing import passed


def next_time(schedule: Schedule, now: datetime) -> datetime | None:
    """The first time after now, and after every one that was told of: a clock may be put back."""
    told = schedule.firings.order_by("-due_at").values_list("due_at", flat=True).first()
    return next(schedule.timing.after(max(now, told) if told else now), None)


def settle(schedule: Schedule, *, actor: Actor, now: datetime, because: str) -> list[Firing]:
    """Tell of what had come and was not started: it will not be, because the schedule changes."""
    told: list[Firing] = []
    if schedule.queued_for is not None:
        waited, schedule.queued_for = schedule.queued_for, None
        told.append(tell(schedule, Firing.Outcome.SKIPPED, actor=actor, due=waited, reason=because))
    due, schedule.next_at = schedule.next_at, None
    if due is not None and due <= now:
        times = passed(schedule.timing, first=due, now=now).before + 1
        missed = Firing.Outcome.MISSED
        told.append(tell(schedule, missed, actor=actor, due=due, reason=because, times=times))
    return told


def hold(schedule: Schedule, *, by: Actor, now: datetime, because: str) -> None:
    """It fires no more until somebody resumes it."""
    schedule.next_at = schedule.queued_for = None
    schedule.paused_at, schedule.paused_by_name, schedule.paused_because = now, by.name, because
