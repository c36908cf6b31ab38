"""Limits at the endpoint `bank`, and runs that ask there."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from runs.durable.limits import set_limit
from runs.durable.statements import Statement, rows
from runs.providers.models import Limit
from runs.records.models import Run
from tests.factories.calls import calling_bank
from tests.factories.cast import Company
from tests.factories.runs import begin, released


def limit(company: Company, **counts: int | None) -> Limit:
    """A limit at the bank."""
    asked: dict[str, int | None] = {"per_minute": None, "at_once": None, **counts}
    return set_limit(
        company.organisation, actor=company.owner, kind=Limit.Kind.ENDPOINT, name="bank", **asked
    )


def runs_of(company: Company, count: int, **node: Any) -> list[Run]:
    """So many runs that call the bank."""
    release = released(company, calling_bank(**node))
    return [begin(company, release) for _ in range(count)]


def ask(found: Limit, run: Run, **more: Any) -> tuple[str, float | None]:
    """Ask for room as the worker does that holds the run."""
    values = {"limit": found.pk, "run": run.pk, "epoch": run.lease_epoch, "waited": False, "owed": False}
    [said] = rows(Statement.ASK, {**values, **more})
    return said.said, said.seconds


def hold(run: Run) -> Run:
    """The run, held by a worker."""
    later = timezone.now() + timedelta(minutes=1)
    Run.objects.filter(pk=run.pk).update(state="running", lease_until=later, lease_epoch=1, lease_owner="w")
    return Run.objects.get(pk=run.pk)


def stand_still(found: Limit) -> None:
    """No time passes for the bucket until it is asked, however long that takes."""
    let_pass(found, -3600)


def said_at_once(found: Limit, run: Run, times: int, **more: Any) -> list[str]:
    """What one after the other is told within one moment; before the first, time may have passed."""
    said = []
    for _ in range(times):
        said.append(ask(found, run, **more)[0])
        stand_still(found)
    return said


def let_pass(found: Limit, seconds: float) -> None:
    """The bucket was last filled so long ago."""
    Limit.objects.filter(pk=found.pk).update(refilled_at=timezone.now() - timedelta(seconds=seconds))
