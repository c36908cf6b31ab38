"""Schedules that come due together, while the sweepers that fire them are killed."""

import time

import pytest

from runs.records.models import Run
from runs.schedules.models import Firing, Schedule
from tests.chaos.floor import Floor, states
from tests.factories.cast import Company
from tests.factories.runs import chain, released
from tests.factories.schedules import make_due, scheduled
from tests.waiting import wait_until

pytestmark = pytest.mark.chaos
MANY = 150


def test_sweepers_that_are_killed_while_they_fire_fire_each_schedule_once(
    floor: Floor, northwind: Company
) -> None:
    release = released(northwind, chain(1))
    for number in range(MANY):
        make_due(scheduled(northwind, release, name=f"Number {number}"))
    first, second = floor.watch(), floor.watch()

    wait_until(Firing.objects.exists, "somebody fires")
    floor.kill(first)
    time.sleep(0.2)
    floor.kill(second)
    assert Firing.objects.count() < MANY, "they were done before they were killed"
    floor.watch()
    floor.hire()
    wait_until(lambda: Firing.objects.count() == MANY, "every schedule has fired")
    wait_until(lambda: states() == {"succeeded"}, "every run has ended")

    assert Run.objects.count() == MANY
    assert set(Firing.objects.values_list("outcome", flat=True)) == {"started"}
    assert len(set(Firing.objects.values_list("schedule", flat=True))) == MANY
    assert not Schedule.objects.filter(next_at=None).exists()
