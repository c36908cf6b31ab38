"""Telling workers that there is something to do. A hint only: the runs' rows make sure that it happens."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4
from weakref import WeakSet

from celery import current_app
from kombu import Connection
from kombu.common import maybe_declare
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
# What follows a task's arguments in a message of Celery's second protocol: nothing comes after this one.
NOTHING_AFTER: dict[str, None] = dict.fromkeys(("callbacks", "errbacks", "chain", "chord"))

# The channels on which each queue is known to be there.
_declared: dict[str, "WeakSet[Any]"] = {queue: WeakSet() for queue in QUEUES.values()}


def announce(runs: Sequence[UUID], *, pool: str) -> None:
    """Send a message for each run: a worker of the pool takes the run that is next, which may be another.

    A broker that is away is logged, and the sweeper announces later.
    """
    _sent(WORK, [[pool]] * len(runs), QUEUES[pool])


def nudge(pool: str, *, times: int) -> None:
    """Have as many workers of the pool look for what is next; messages that wait already count among them.

    Whatever message they wait with, a worker of the pool looks for what is next once it has had it.

    Said every second while all workers are busy, it would otherwise fill the queue.
    """
    _sent(WORK, [[pool]] * (times - _lying(QUEUES[pool])), QUEUES[pool])


def announce_each(runs: Sequence[UUID]) -> None:
    """Have exactly these runs looked at: those that no queue holds, such as compensations."""
    _sent(DRIVE, [[str(run)] for run in runs], QUEUES["io"])


def announce_task(task: str, about: UUID, *, pool: str) -> None:
    """Have a worker of the pool execute another task about this; whoever announces it makes up for a loss."""
    _sent(task, [[str(about)]], QUEUES[pool])


def _sent(task: str, messages: Sequence[list[str]], queue: str) -> None:
    if not messages:
        return
    try:
        _send(task, messages, queue)
    except _failures():
        try:
            _send(task, messages, queue)  # the first failure may only have shown a stale connection
        except _failures() as problem:
            log.warning(
                "the broker took no message (%s): %d runs wait for the sweeper",
                type(problem).__name__,
                len(messages),
            )


def _lying(queue: str) -> int:
    """How many messages wait in the queue; none, as far as can be told, while the broker is away."""
    try:
        with _producer_for(queue) as producer:
            return int(producer.channel.queue_declare(queue, passive=True).message_count)
    except _failures():  # an empty list is no list to Redis
        return 0


@contextmanager
def _producer_for(queue: str) -> Iterator[Any]:
    """One of the kept producers, which knows that the queue is there."""
    with producers[_connection(current_app.conf.broker_url)].acquire(
        block=True, timeout=WAIT_FOR_CONNECTION_SECONDS
    ) as producer:
        if producer.channel not in _declared[queue]:
            maybe_declare(current_app.amqp.queues[queue], producer.channel)
            _declared[queue].add(producer.channel)
        yield producer


def _send(task: str, messages: Sequence[list[str]], queue: str) -> None:
    """As Celery's `send_task`, which works out connection, route and signature anew for each message."""
    with _producer_for(queue) as producer:
        for arguments in messages:
            message = str(uuid4())
            producer.publish(
                (arguments, {}, NOTHING_AFTER),
                exchange="",
                routing_key=queue,
                serializer="json",
                correlation_id=message,
                headers={
                    "lang": "py",
                    "task": task,
                    "id": message,
                    "root_id": message,
                    "parent_id": None,
                    "group": None,
                    "ignore_result": True,
                },
            )


def _failures() -> tuple[type[BaseException], ...]:
    """What goes wrong when the broker is away; a connection that breaks raises the transport's own errors."""
    broker = _connection(current_app.conf.broker_url)
    return (KombuError, OSError, *broker.connection_errors, *broker.channel_errors)


@lru_cache(maxsize=4)
def _connection(address: str) -> Connection:
    """How this process reaches the broker; the pool of producers is found by it."""
    return current_app.connection_for_write(address, transport_options=AT_ONCE)
