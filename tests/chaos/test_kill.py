"""Workers are killed, stopped and told to leave in the middle of their work."""

import os
import signal
import time

import pytest
from django.db.models import Count

from governance.ledger.models import Event
from runs.records.models import Run, Step
from tests.chaos.floor import LEASE_SECONDS, Floor, wait_until
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, released

pytestmark = pytest.mark.chaos


def test_every_run_ends_although_its_worker_is_killed_three_times(floor: Floor, northwind: Company) -> None:
    release = released(northwind, chain(4, function="witness@1", mark="step"))
    worker = floor.hire(seconds=0.3)
    runs = [begin(northwind, release, f"letter {number}") for number in range(12)]
    committed: set[str] = set()
    for _ in range(3):
        wait_until(lambda: Step.objects.count() > len(committed) + 2, "some steps are committed")
        floor.kill(worker)
        committed = {str(pk) for pk in Step.objects.values_list("pk", flat=True)}
        worker = floor.hire(seconds=0.3)

    floor.settle()

    assert {run.state for run in Run.objects.filter(pk__in=[run.pk for run in runs])} == {"succeeded"}
    assert Step.objects.count() == 12 * 4
    # What was committed before a kill was not executed again: only the steps in flight were.
    repeated = len(floor.lines()) - 12 * 4
    assert 0 <= repeated <= 3 * 4
    assert Event.objects.filter(kind="run.recovered").count() >= 1
    assert committed <= {str(pk) for pk in Step.objects.values_list("pk", flat=True)}
