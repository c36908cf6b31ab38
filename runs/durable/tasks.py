"""What Celery carries: an identifier in, one call, safe to run twice."""

import os
import socket
import threading
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_init, worker_shutting_down
from django.db import close_old_connections

from runs.durable import drive as driving
from runs.durable import leaving
from runs.durable import sweep as sweeping
from runs.durable.announce import announce_each, nudge


@shared_task(name="runs.durable.tasks.work")
def work(pool: str) -> None:
    """Drive the run that is next in the pool, and those after it while there are some."""
    close_old_connections()
    if leaving.leaving():
        nudge(pool, times=1)  # for another worker; taking a lease now would only delay the run
        return
    driving.drive_next(worker=worker_name(), pool=pool)


@shared_task(name="runs.durable.tasks.drive")
def drive(run_id: str) -> None:
    """Drive exactly this run as far as it goes."""
    close_old_connections()
    if leaving.leaving():
        announce_each([UUID(run_id)])
        return
    driving.drive(UUID(run_id), worker=worker_name())


@shared_task(name="runs.durable.tasks.sweep")
def sweep() -> None:
    """Look for what nobody is looking at."""
    close_old_connections()
    sweeping.sweep()


def worker_name() -> str:
    """Who holds a lease, for people: machine, process and thread."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.current_thread().name}"


@worker_init.connect
def _arrive(**_: Any) -> None:
    leaving.stay()


@worker_shutting_down.connect
def _leave(**_: Any) -> None:
    leaving.leave()
