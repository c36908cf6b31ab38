"""Why a run is not moving, in words."""

from datetime import timedelta

from django.utils import timezone

from runs.durable.claim import claim
from runs.durable.why import why_not_moving
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released


def test_a_waiting_run_says_since_when(northwind: Company) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    assert why_not_moving(run).startswith("Waiting for a worker since ")

    run.created_at -= timedelta(minutes=1)
    assert why_not_moving(run).endswith("UTC: either all are busy or none is running.")

    run.recoveries = 1
    assert "stopped answering at “step_0”" in why_not_moving(run)


def test_a_running_run_says_who_holds_it(northwind: Company) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    claim(run.pk, worker="host:1:thread")
    run = Run.objects.get(pk=run.pk)
    assert why_not_moving(run) == "“step_0” is being executed by host:1:thread."

    run.lease_until = timezone.now() - timedelta(seconds=1)
    assert "has not answered since" in why_not_moving(run)


def test_a_failed_run_says_what_stopped_it_and_what_to_do(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(1, function="returns@1", what="raise"))))

    assert why_not_moving(run) == (
        "Failed at “step_0”: The function failed. "
        "“returns@1” raised RuntimeError: the cellar is flooded\ufffd. "
        "Resume the run when what it needs is there. An operator can resume it from there."
    )


def test_nothing_is_said_of_a_run_that_has_succeeded(northwind: Company) -> None:
    assert why_not_moving(finish(begin(northwind, released(northwind, chain(1))))) == ""
