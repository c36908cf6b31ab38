"""Telling the workers to look at a run. A hint only: the outbox row makes sure that it happens."""

import logging
from collections.abc import Sequence
from uuid import UUID

from celery import current_app
from kombu.exceptions import KombuError
from kombu.pools import producers

log = logging.getLogger(__name__)
DRIVE = "runs.durable.tasks.drive"
# Somebody waits for the page meanwhile, so a broker that is away is not waited for.
AT_ONCE = {"max_retries": 0}
WAIT_FOR_CONNECTION_SECONDS = 2


def announce(runs: Sequence[UUID]) -> None:
    """Send one message per run. A broker that is away is logged, and the sweeper announces again later."""
    try:
        _send(runs)
    except (KombuError, OSError):
        try:
            _send(runs)  # the first failure may only have shown that a kept connection was stale
        except (KombuError, OSError) as problem:
            log.warning(
                "the broker took no message (%s): %d runs wait for the sweeper",
                type(problem).__name__,
                len(runs),
            )


def _send(runs: Sequence[UUID]) -> None:
    connection = current_app.connection_for_write(transport_options=AT_ONCE)
    with producers[connection].acquire(block=True, timeout=WAIT_FOR_CONNECTION_SECONDS) as producer:
        for run in runs:
            current_app.send_task(DRIVE, args=[str(run)], producer=producer, retry=False, ignore_result=True)
