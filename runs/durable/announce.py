"""Telling workers that there is something to do. A hint only: the runs' rows make sure that it happens."""

import logging
from collections.abc import Sequence
from uuid import UUID

from celery import current_app
from kombu.exceptions import KombuError
from kombu.pools import producers

log = logging.getLogger(__name__)
WORK = "runs.durable.tasks.work"
DRIVE = "runs.durable.tasks.drive"
# The queue of each pool of workers.
QUEUES = {"io": "runs", "cpu": "runs.cpu"}
# Somebody waits for the page meanwhile, so a broker that is away is not waited for.
AT_ONCE = {"max_retries": 0}
WAIT_FOR_CONNECTION_SECONDS = 2


def announce(runs: Sequence[UUID], *, pool: str = "io") -> None:
    """Send a message for each run: a worker of the pool takes the run that is next, which may be another.

    A broker that is away is logged, and the sweeper announces later.
    """
    _sent(WORK, [[pool]] * len(runs), QUEUES[pool])


def nudge(pool: str, *, times: int) -> None:
    """Have as many workers of the pool look for what is next."""
    _sent(WORK, [[pool]] * times, QUEUES[pool])


def announce_each(runs: Sequence[UUID]) -> None:
    """Have exactly these runs looked at: those that no queue holds, such as compensations."""
    _sent(DRIVE, [[str(run)] for run in runs], QUEUES["io"])


def _sent(task: str, messages: Sequence[list[str]], queue: str) -> None:
    if not messages:
        return
    try:
        _send(task, messages, queue)
    except (KombuError, OSError):
        try:
            _send(
                task, messages, queue
            )  # the first failure may only have shown that a kept connection was stale
        except (KombuError, OSError) as problem:
            log.warning(
                "the broker took no message (%s): %d runs wait for the sweeper",
                type(problem).__name__,
                len(messages),
            )


def _send(task: str, messages: Sequence[list[str]], queue: str) -> None:
    connection = current_app.connection_for_write(transport_options=AT_ONCE)
    with producers[connection].acquire(block=True, timeout=WAIT_FOR_CONNECTION_SECONDS) as producer:
        for arguments in messages:
            current_app.send_task(
                task, args=arguments, queue=queue, producer=producer, retry=False, ignore_result=True
            )
