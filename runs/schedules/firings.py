"""Telling what became of a firing: a row, and an event."""

from datetime import datetime

from governance.ledger.kinds import Kind
from governance.ledger.services import Actor, record
from runs.records.models import Run
from runs.schedules.models import Firing, Schedule
from runs.schedules.timing import MOST_COUNTED

LONGEST_REASON = 1000
# So many refused starts in a row say that the next one will be refused as well.
MOST_REFUSED = 20
KINDS = {
    Firing.Outcome.STARTED: Kind.SCHEDULE_FIRED,
    Firing.Outcome.REFUSED: Kind.SCHEDULE_REFUSED,
    Firing.Outcome.SKIPPED: Kind.SCHEDULE_SKIPPED,
    Firing.Outcome.MISSED: Kind.SCHEDULE_MISSED,
}


def tell(
    schedule: Schedule,
    outcome: Firing.Outcome,
    *,
    actor: Actor,
    due: datetime,
    reason: str = "",
    times: int = 1,
    run: Run | None = None,
) -> Firing:
    """In the transaction in which the schedule moves on: this is what became of the time."""
    made = Firing.objects.create(
        schedule=schedule,
        due_at=due,
        times=min(times, MOST_COUNTED),
        outcome=outcome,
        reason=reason[:LONGEST_REASON],
        run=run,
    )
    record(
        KINDS[outcome],
        actor=actor,
        organisation=schedule.project.organisation_id,
        about=("schedule", schedule.pk),
        run=run.pk if run else None,
        details={
            "name": schedule.name,
            "due": due.isoformat(),
            "times": made.times,
            "reason": made.reason,
        },
    )
    return made


def refused_too_often(schedule: Schedule) -> bool:
    """Whether every start was refused of the last `MOST_REFUSED`, since somebody saved or resumed it."""
    outcomes = Firing.Outcome.STARTED, Firing.Outcome.REFUSED
    tried = schedule.firings.filter(at__gt=schedule.saved_at, outcome__in=outcomes).order_by("-id")
    last = list(tried.values_list("outcome", flat=True)[:MOST_REFUSED])
    return len(last) == MOST_REFUSED and Firing.Outcome.STARTED not in last
