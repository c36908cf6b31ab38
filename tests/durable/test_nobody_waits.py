"""Several starters and workers at once, and no sweeper: no run is left waiting for want of a message."""

from functools import partial
from queue import Empty, SimpleQueue

import pytest

from governance.releases.models import Release
from runs.durable import telling
from runs.durable.drive import drive_next
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, released
from tests.harness.fresh import FreshDatabase

STARTERS = 4


class Broker:
    """Brings every message to a worker of these threads, and counts them."""

    def __init__(self) -> None:
        self.waiting: SimpleQueue[str] = SimpleQueue()
        self.count = 0
        self.started: list[str] = []

    def send(self, pool: str) -> None:
        self.count += 1
        self.waiting.put(pool)

    def start(self, company: Company, release: Release) -> None:
        for number in range(15):
            begin(company, release, f"letter {number}")
        self.started.append("all of mine")

    def work(self) -> None:
        """Until nothing has come for a while after the last start."""
        while True:
            try:
                drive_next(worker="test", pool=self.waiting.get(timeout=0.3))
            except Empty:
                if len(self.started) == STARTERS:
                    return


def test_many_starters_and_few_workers_leave_nobody_waiting(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = Broker()
    monkeypatch.setattr(telling, "announce", lambda runs, pool: broker.send(pool))
    monkeypatch.setattr(telling, "nudge", lambda pool, times: broker.send(pool))
    monkeypatch.setattr(telling, "ONE_IN", 10**9)
    release = released(northwind, chain(1))
    begin(northwind, release)  # what is read but once has been read
    start = partial(broker.start, northwind, release)

    problems = [found for found in fresh_database.at_once(*[start] * STARTERS, *[broker.work] * 3) if found]

    assert problems == []
    assert Run.objects.filter(state="succeeded").count() == Run.objects.count() == 61
    assert broker.count < 61 * 2
