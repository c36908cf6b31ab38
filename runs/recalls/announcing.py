"""Telling a worker that a recall is to be collected, or collected on."""

from typing import Final
from uuid import UUID

from runs.durable.announce import announce_task

BUILD: Final = "runs.recalls.tasks.build"


def announce_recall(recall: UUID) -> None:
    """A hint only: the sweeper announces what nobody has advanced for a while."""
    announce_task(BUILD, recall, pool="cpu")
