"""Telling the workers to look at a run. A hint only: the outbox row makes sure that it happens."""

import logging
from collections.abc import Iterable
from uuid import UUID

from celery import current_app
from kombu.exceptions import KombuError

log = logging.getLogger(__name__)
DRIVE = "runs.durable.tasks.drive"


def announce(runs: Iterable[UUID]) -> None:
    """Send one message per run. A broker that is down is logged, and the sweeper announces again later."""
    for run in runs:
        try:
            current_app.send_task(DRIVE, args=[str(run)], retry=False, ignore_result=True)
        except (KombuError, OSError) as problem:
            log.warning(
                "the broker took no message for run %s (%s); the sweeper will", run, type(problem).__name__
            )
            return
