"""What Celery carries: which pool has work, or which run; one call, safe to run twice."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_init, worker_ready, worker_shutdown, worker_shutting_down
from celery.worker import state as working
from django.db import close_old_connections, connection

from runs.durable import drive as driving
from runs.durable import heartbeat, leaving, workers
from runs.durable.announce import QUEUES, announce_each, nudge
from runs.durable.statements import CONNECTION_ERRORS, DATABASE_ERRORS
from runs.durable.workers import worker_name

log = logging.getLogger(__name__)
# For so long a connection that was good is taken to be.
SURE_SECONDS = 1.0
# For so long a thread that found PostgreSQL away takes no other message, unless it is to leave.
AWAY_SECONDS, AWAY_LOOKS = 1.0, 10
_last = threading.local()


@shared_task(name="runs.durable.tasks.work")
def work(pool: str) -> None:
    """Drive the run that is next in the pool, and those after it while there are some."""
    if leaving.leaving():
        nudge(pool, times=1)  # for another worker; taking a lease now would only delay the run
        return
    with _patiently():
        driving.drive_next(worker=worker_name(), pool=pool)


@shared_task(name="runs.durable.tasks.drive")
def drive(run_id: str) -> None:
    """Drive exactly this run as far as it goes, and then, as for every message, those that are next."""
    if leaving.leaving():
        announce_each([UUID(run_id)])
        return
    with _patiently():
        driving.drive(UUID(run_id), worker=worker_name())
        driving.drive_next(worker=worker_name(), pool="io")


@contextmanager
def _patiently() -> Iterator[None]:
    """Without PostgreSQL a message is lost, and the sweeper makes up for it; not all of them at once.

    Each would fail on the spot, with a trace that says the same: the queue would be empty, and the memory
    that thousands of traces take is not given back.
    """
    try:
        _look_at_connection()
        yield
    except CONNECTION_ERRORS as problem:
        if connection.is_usable():
            raise  # a lock or a time limit, not the connection
        log.warning("PostgreSQL is away: %s", str(problem).partition("\n")[0])
        connection.close()
    else:
        return
    for _ in range(AWAY_LOOKS):
        if not leaving.leaving():
            time.sleep(AWAY_SECONDS / AWAY_LOOKS)


def _look_at_connection() -> None:
    """One that was not used for a while may be broken; to ask each time would cost every message."""
    now = time.monotonic()
    if now - getattr(_last, "message", 0.0) > SURE_SECONDS or connection.errors_occurred:
        close_old_connections()
    _last.message = now


@worker_init.connect
def _arrive(**_: Any) -> None:
    leaving.stay()


@worker_ready.connect
def _announce(sender: Any, **_: Any) -> None:
    """The worker takes messages from now on; what it says of itself is what it was started with."""
    queues = set(sender.app.amqp.queues.consume_from)
    pools = [pool for pool, queue in QUEUES.items() if queue in queues]
    workers.arrive(
        pool=pools[0] if len(pools) == 1 else "all",
        slots=sender.pool.limit or 1,
        forked="prefork" in type(sender.pool).__module__,
        busy=lambda: len(working.active_requests),
    )
    _unless_away(heartbeat.extend)
    _unless_away(workers.wake_set_aside)
    heartbeat.begin()


@worker_shutting_down.connect
def _leave(**_: Any) -> None:
    leaving.leave()


@worker_shutdown.connect
def _depart(**_: Any) -> None:
    _unless_away(lambda: workers.depart([os.getpid()]))


def _unless_away(call: Callable[[], None]) -> None:
    """Without PostgreSQL a worker starts and ends all the same; its row says so later."""
    try:
        call()
    except DATABASE_ERRORS:
        log.warning("the page of workers could not be told", exc_info=True)
    finally:
        connection.close()  # this thread asks nothing else of it
