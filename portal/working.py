"""A worker of ours: Celery, started for what it is to do, and ended in order or at once."""

import logging
import os
import signal
import socket
import threading
import warnings
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final

import psutil
from celery.signals import worker_shutting_down

from runs.durable.announce import QUEUES
from runs.durable.workers import depart

log = logging.getLogger(__name__)
# Which queues a worker listens to, by the pool that it belongs to.
LISTENS: Final = {**{pool: [queue] for pool, queue in QUEUES.items()}, "all": list(QUEUES.values())}
LONGEST_FAREWELL_SECONDS: Final = 3.0
LEAVING: Final = b"worker: it finishes the steps in hand; a second signal ends it at once\n"


@dataclass(frozen=True)
class Post:
    """Which steps a worker executes, and how many at a time: in threads, or each in a process of its own."""

    pool: str
    slots: int
    forked: bool = False


def work(post: Post) -> None:
    """Execute runs until SIGTERM or Ctrl-C: then the steps in hand are finished, and the runs handed over.

    A second signal ends it at once: the leases are given back, and others repeat what was in hand.
    """
    # Celery has Django check every page before a worker starts, and drops what was found.
    os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
    # It warns root about messages in pickle; ours are JSON only.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
    worker_shutting_down.connect(_next_time_at_once)
    _celery(post).start()


def _celery(post: Post) -> Any:
    from portal.celery import app

    return app.Worker(
        hostname=f"{os.getpid()}@{socket.gethostname()}",  # two of the same name would share a mailbox
        pool_cls="prefork" if post.forked else "threads",
        concurrency=post.slots,
        queues=LISTENS[post.pool],
        loglevel="INFO",
        optimization="fair",
        quiet=True,
        # Workers need not know of each other: rows tell who is there, and idle ones send nothing.
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )


def _next_time_at_once(**_: Any) -> None:
    """Celery would ignore a second SIGTERM. Runs in the main thread, where handlers are set."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _at_once)
    os.write(2, LEAVING)  # straight to the file: nobody knows what a stream is in the middle of


def _at_once(number: int, _frame: FrameType | None) -> None:
    """End without waiting for the steps in hand."""
    log.warning("ended by a second %s: the steps in hand are left to others", signal.Signals(number).name)
    threading.Timer(LONGEST_FAREWELL_SECONDS, os._exit, (1,)).start()  # should PostgreSQL not answer
    children = psutil.Process().children(recursive=True)
    for child in children:
        child.kill()
    try:
        depart([os.getpid(), *(child.pid for child in children)])
    finally:
        os._exit(1)
