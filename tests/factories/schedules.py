"""Schedules, and how their time comes without waiting for it."""

from datetime import timedelta
from typing import Any

from governance.access.permissions import Role
from governance.access.services import grant_role
from governance.accounts.models import User
from governance.ledger.acting import acting
from governance.releases.models import Release
from runs.schedules.clock import database_now
from runs.schedules.models import Firing, Schedule
from runs.schedules.services import create_schedule
from runs.schedules.terms import Terms
from tests.factories.cast import Company
from tests.factories.runs import LETTER, chain, released

HOUR = 3600


def scheduled(
    company: Company,
    release: Release | None = None,
    *,
    name: str = "Hourly",
    by: User | None = None,
    **terms: Any,
) -> Schedule:
    """A schedule of what the release runs, where it is in effect; every hour unless a cron says otherwise."""
    release = release or released(company, chain(1))
    when = {} if "cron" in terms else {"every_s": HOUR}
    return create_schedule(
        release.workflow,
        actor=by or company.operator,
        environment=release.environment,
        name=name,
        terms=Terms(**{"zone": "Europe/Berlin", "inputs": {"letter": LETTER}, **when, **terms}),
    )


def make_due(schedule: Schedule, *, ago: float = 5, missed: int = 0) -> Schedule:
    """Its time came so many seconds ago, after so many others at which nobody looked. It fires every hour."""
    came = database_now() - timedelta(seconds=ago)
    first = came - timedelta(seconds=HOUR) * missed
    with acting(schedule.saved_by):
        Schedule.objects.filter(pk=schedule.pk).update(anchor=came, next_at=first)
    return Schedule.objects.get(pk=schedule.pk)


def told(schedule: Schedule) -> list[tuple[str, int, str]]:
    """What is told of its firings, oldest first: the outcome, of how many times, and why."""
    firings = Firing.objects.filter(schedule=schedule).order_by("id")
    return list(firings.values_list("outcome", "times", "reason"))


def make_operator(company: Company, person: User) -> None:
    """From now on the person may start runs."""
    grant_role(company.project, actor=company.owner, role=Role.OPERATOR, to=person, reason="helps out")
