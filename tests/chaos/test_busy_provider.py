"""A provider that has too much to do: nobody asks it meanwhile, and the worker does other things."""

import json

import pytest

from runs.records.models import Run
from tests.chaos.floor import Floor, start, states
from tests.factories.calls import calling_bank
from tests.factories.cast import Company
from tests.factories.limits import limit
from tests.factories.runs import begin, released
from tests.providers.serving import Calling
from tests.waiting import wait_until

pytestmark = pytest.mark.chaos


def test_slots_are_free_while_a_provider_answers_that_it_is_busy(
    floor: Floor, northwind: Company, calling: Calling
) -> None:
    there = {"bank": {"base_url": f"http://127.0.0.1:{calling.port}/tired", "timeout_seconds": 5}}
    release = released(northwind, calling_bank(retry={"attempts": 3}))
    calls = [begin(northwind, release) for _ in range(12)]
    others = start(northwind, 2, 6)
    floor.hire(concurrency=1, HTTP_ENDPOINTS=json.dumps(there))

    wait_until(lambda: len(floor.lines()) == 12, "the steps that call nobody are done")
    asked = len(calling.asked())
    waiting = set(Run.objects.filter(pk__in=[run.pk for run in calls]).values_list("waits_for", flat=True))
    floor.settle()

    assert (asked, waiting) == (1, {"retry", "limit"})
    assert not Run.objects.filter(pk__in=[run.pk for run in others]).exclude(state="succeeded").exists()
    assert states() == {"succeeded"}
    assert len(calling.asked()) == 13, "each once, and the one that was refused once more"


def test_a_worker_that_is_killed_while_it_asks_gives_its_place_back(
    floor: Floor, northwind: Company, calling: Calling
) -> None:
    limit(northwind, at_once=1, per_minute=None)
    there = {"bank": {"base_url": f"http://127.0.0.1:{calling.port}/dripping", "timeout_seconds": 30}}
    release = released(northwind, calling_bank())
    runs = [begin(northwind, release) for _ in range(4)]
    dripping = floor.hire(concurrency=2, HTTP_ENDPOINTS=json.dumps(there))
    wait_until(lambda: len(calling.asked()) == 1, "the first one asks")
    floor.kill(dripping)
    there["bank"]["base_url"] = f"http://127.0.0.1:{calling.port}/well"
    floor.hire(concurrency=2, HTTP_ENDPOINTS=json.dumps(there))

    floor.settle()

    assert states() == {"succeeded"}
    assert len(calling.asked()) == 1 + len(runs)
