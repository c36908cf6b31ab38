"""What Celery carries: which pool has work, or which run; one call, safe to run twice."""

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_init, worker_ready, worker_shutdown, worker_shutting_down
from celery.worker import state as working
from django.db import close_old_connections, connection

from runs.durable import drive as driving
from runs.durable import heartbeat, leaving, workers
from runs.durable.announce import QUEUES, announce_each, nudge
from runs.durable.statements import DATABASE_ERRORS
from runs.durable.workers import worker_name

log = logging.getLogger(__name__)
# For so long a connection that was good is taken to be.
SURE_SECONDS = 1.0
_last = threading.local()


@shared_task(name="runs.durable.tasks.work")
def work(pool: str) -> None:
    """Drive the run that is next in the pool, and those after it while there are some."""
    _look_at_connection()
    if leaving.leaving():
        nudge(pool, times=1)  # for another worker; taking a lease now would only delay the run
        return
    driving.drive_next(worker=worker_name(), pool=pool)


@shared_task(name="runs.durable.tasks.drive")
def drive(run_id: str) -> None:
    """Drive exactly this run as far as it goes."""
    _look_at_connection()
    if leaving.leaving():
        announce_each([UUID(run_id)])
        return
    driving.drive(UUID(run_id), worker=worker_name())


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
