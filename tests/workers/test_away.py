"""A worker whose PostgreSQL is away waits, keeps small and quiet, and leaves the messages to others."""

import psutil
from celery import current_app

from runs.durable.announce import nudge
from tests.chaos.floor import MOST_MEMORY, Floor, start, states
from tests.factories.cast import Company
from tests.waiting import wait_until

NOWHERE = "postgresql://nobody@127.0.0.1:9/none"
MESSAGES = 400
SAID = "PostgreSQL is away"


def test_a_worker_without_a_database_uses_no_messages_up(floor: Floor, northwind: Company) -> None:
    start(northwind, 2, 3)
    current_app.control.purge()
    nudge("io", times=MESSAGES)

    stranded = floor.hire(DATABASE_URL=NOWHERE)
    wait_until(lambda: floor.words(stranded).count(SAID) > 8, "each thread has looked twice")
    words = floor.words(stranded)

    assert floor.waiting() > MESSAGES / 2
    assert "celery.app.trace" not in words, "no message fails with a trace of its own"
    assert psutil.Process(stranded.pid).memory_info().rss < MOST_MEMORY
    floor.hire()
    wait_until(lambda: states() == {"succeeded"}, "who has a database takes them, and nobody swept")
