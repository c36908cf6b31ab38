"""Firing what is due, each schedule in a transaction of its own: the start, the telling and the next time."""

import logging
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from governance.errors import DomainError, NotAllowed, NotVisible, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from runs.durable.actors import sweeper
from runs.durable.machine import ENDED
from runs.durable.start import start_run
from runs.durable.statements import CONNECTION_ERRORS
from runs.records.models import Run
from runs.schedules.clock import database_now
from runs.schedules.firings import MOST_REFUSED, refused_too_often, tell
from runs.schedules.models import Firing, Schedule
from runs.schedules.querysets import ScheduleQuerySet
from runs.schedules.states import hold, next_time, settle
from runs.schedules.timing import passed

log = logging.getLogger(__name__)
# As many as take about a second: between two passes the sweeper looks after the runs of dead workers.
MOST_AT_ONCE = 50
# What is started this much after its time was missed, not late: the sweeper looks every five seconds.
ON_TIME = timedelta(seconds=60)
LONGEST_QUOTED = 800
NOBODY_LOOKED = "Nobody fired it in time: no sweeper was at work, or it was held up."
# The classes of SQLSTATE of a connection that is lost, or of a server that shuts down.
LOST = ("08", "57P")
# What a lock or a time limit of the database kept from being fired: it comes after all others from then on.
_hindered: set[UUID] = set()
PAUSED_BEFORE = "The schedule paused itself before it was started."
UNFORESEEN = "The start failed for a reason that nobody foresaw ({}). The sweeper's log has it in full."


def fire_due() -> Counter[str]:
    """Fire the schedules whose time has come, of each organisation the longest due first; what became of it.

    Two that do so at once fire nothing twice. One schedule that cannot be fired stops no other.
    """
    found = Counter[str]()
    for pk in _turns():
        try:
            found.update(firing.outcome for firing in _fire(pk))
            _hindered.discard(pk)
        except CONNECTION_ERRORS as problem:
            _hinder(pk, problem)
        except Exception as problem:  # whatever it was, it would be the same a moment later
            log.exception("the schedule %s could not be fired", pk)
            _set_aside(pk, UNFORESEEN.format(type(problem).__name__))
    return found


def _turns() -> list[UUID]:
    """What is due, as many as one pass takes: organisations in turn, what was hindered before at the end."""
    own = Window(RowNumber(), partition_by=F("project__organisation"), order_by=F("next_at").asc())
    due = Schedule.objects.due().order_by(own, "next_at").values_list("pk", flat=True)
    again = list(due.filter(pk__in=_hindered))
    _hindered.intersection_update(again)
    return [*due.exclude(pk__in=again)[:MOST_AT_ONCE], *again][:MOST_AT_ONCE]


def _hinder(pk: UUID, problem: Exception) -> None:
    """A lock or a time limit concerns this one; without the connection none can be fired, so it is raised."""
    state = getattr(problem.__cause__, "sqlstate", None) or LOST[0]
    if state.startswith(LOST):
        raise problem
    _hindered.add(pk)
    log.warning("a lock or a time limit kept the schedule %s from being fired", pk, exc_info=problem)


@transaction.atomic
def _fire(pk: UUID) -> list[Firing]:
    """What is due of one schedule, unless another sweeper is at it."""
    schedule = _locked().due().filter(pk=pk).first()
    if schedule is None:
        return []
    told: list[Firing] = []
    if schedule.queued_for is not None and not _under_way(schedule):
        queued, schedule.queued_for = schedule.queued_for, None
        told += _start(schedule, queued)
    now = database_now()
    if schedule.next_at is not None and schedule.next_at <= now:
        told += _due(schedule, schedule.next_at, now)
    schedule.save()
    return told


def _due(schedule: Schedule, first: datetime, now: datetime) -> list[Firing]:
    """The last of the times that have come is started; what was before it, or is too late now, was missed."""
    times = passed(schedule.timing, first=first, now=now)
    in_time = now - times.last <= ON_TIME or schedule.catch_up == Schedule.CatchUp.LAST
    missed = times.before + (0 if in_time else 1)
    told: list[Firing] = []
    schedule.next_at = None  # from here on each of these times is told of below
    if missed:
        told += _told(schedule, Firing.Outcome.MISSED, first, NOBODY_LOOKED, times=missed)
    if in_time:
        told += _unless_under_way(schedule, times.last)
    if schedule.paused_at is None:
        schedule.next_at = next_time(schedule, now)
        if schedule.next_at is None:
            told += _pause(schedule, "There is no later time at which it would fire.")
    return told


def _unless_under_way(schedule: Schedule, due: datetime) -> list[Firing]:
    if schedule.overlap == Schedule.Overlap.ALLOW or not _under_way(schedule):
        return _start(schedule, due)
    if schedule.overlap == Schedule.Overlap.QUEUE and schedule.queued_for is None:
        schedule.queued_for = due
        _record(schedule, Kind.SCHEDULE_QUEUED, due=due.isoformat(), before=str(schedule.last_run_id))
        return []
    reason = "The run that it started last is still under way"
    reason += ", and another firing waits for its end." if schedule.queued_for else "."
    return _told(schedule, Firing.Outcome.SKIPPED, due, reason)


def _start(schedule: Schedule, due: datetime) -> list[Firing]:
    """The run, or why there is none. Whoever may not start it any more pauses the schedule."""
    try:
        with transaction.atomic():
            run = _started(schedule, due)
    except CONNECTION_ERRORS:
        raise
    except (NotVisible, NotAllowed):
        reason = f"{schedule.saved_by_name} may not start runs in {schedule.project} any more."
        refused = _told(schedule, Firing.Outcome.REFUSED, due, reason)
        return refused + _pause(schedule, f"{reason} Whoever resumes it answers for what it starts.")
    except DomainError as problem:
        reason = problem.message
    except Exception as problem:  # one broken start is told, and the next time is tried again
        log.exception("the schedule %s could not start its run", schedule.pk)
        reason = UNFORESEEN.format(type(problem).__name__)
    else:
        schedule.last_run = run
        return [tell(schedule, Firing.Outcome.STARTED, actor=sweeper(), due=due, run=run)]
    return _refused(schedule, due, reason)


def _refused(schedule: Schedule, due: datetime, reason: str) -> list[Firing]:
    """Told; the last of too many in a row pauses it."""
    refused = _told(schedule, Firing.Outcome.REFUSED, due, reason)
    if not refused_too_often(schedule):
        return refused
    because = f"{MOST_REFUSED} starts in a row were refused. The last one: {reason[:LONGEST_QUOTED]}"
    return refused + _pause(schedule, f"{because} Mend that, then resume it.")


def _told(
    schedule: Schedule, outcome: Firing.Outcome, due: datetime, reason: str, *, times: int = 1
) -> list[Firing]:
    return [tell(schedule, outcome, actor=sweeper(), due=due, reason=reason, times=times)]


def _started(schedule: Schedule, due: datetime) -> Run:
    local = due.astimezone(ZoneInfo(schedule.zone))
    run, new = start_run(
        schedule.workflow,
        actor=schedule.saved_by,
        environment=schedule.environment,
        inputs=schedule.inputs,
        reference=f"{schedule.name} {local:%Y-%m-%d %H:%M}",
        idempotency_key=f"schedule:{schedule.pk}:{due.isoformat()}",
        origin=Run.Origin.SCHEDULE,
    )
    if not new:
        raise WrongState(f"Run {run.pk} was started by somebody with the key of this firing.")
    return run


def _under_way(schedule: Schedule) -> bool:
    last = schedule.last_run_id
    return last is not None and not Run.objects.filter(pk=last, state__in=ENDED).exists()


def _pause(schedule: Schedule, because: str) -> list[Firing]:
    """It fires no more; what had come besides is told of."""
    now = database_now()
    told = settle(schedule, actor=sweeper(), now=now, because=PAUSED_BEFORE)
    _hold(schedule, because, now)
    return told


def _hold(schedule: Schedule, because: str, now: datetime) -> None:
    hold(schedule, by=sweeper(), now=now, because=because)
    _record(schedule, Kind.SCHEDULE_PAUSED, reason=because)


def _set_aside(pk: UUID, because: str) -> None:
    """Pause what can be neither fired nor told of: it would come up again and again."""
    try:
        with transaction.atomic():
            schedule = _locked().filter(pk=pk, next_at__isnull=False).first()
            if schedule is not None:
                now = database_now()
                _settled(schedule, because, now)
                _hold(schedule, because, now)
                schedule.save()
    except CONNECTION_ERRORS as problem:
        _hinder(pk, problem)
    except Exception:  # the others are to be fired all the same
        log.exception("the schedule %s could not be paused", pk)


def _settled(schedule: Schedule, because: str, now: datetime) -> None:
    """Tell of what had come, where that can be done."""
    try:
        with transaction.atomic():
            settle(schedule, actor=sweeper(), now=now, because=because)
    except CONNECTION_ERRORS:
        raise
    except Exception:  # it is paused all the same, and says why
        log.exception("what had come of the schedule %s could not be told", schedule.pk)


def _locked() -> ScheduleQuerySet:
    rows = Schedule.objects.select_for_update(of=("self",), skip_locked=True)
    return rows.select_related("project", "workflow", "environment", "saved_by")


def _record(schedule: Schedule, kind: Kind, **details: str) -> None:
    record(
        kind,
        actor=sweeper(),
        organisation=schedule.project.organisation_id,
        about=("schedule", schedule.pk),
        details={"name": schedule.name, **details},
    )
