"""What Celery carries of recalls: which one to collect on."""

import time
from typing import Final
from uuid import UUID

from celery import shared_task

from runs.durable.actors import engine
from runs.recalls.announcing import BUILD, announce_recall
from runs.recalls.building import advance
from runs.recalls.models import Recall

AT_A_TIME_SECONDS: Final = 5.0


@shared_task(name=BUILD)
def build(recall_id: str) -> None:
    """Collect for some seconds, then let others have their turn. Two at once find nothing twice."""
    recall = Recall.objects.get(pk=UUID(recall_id))
    until = time.monotonic() + AT_A_TIME_SECONDS
    while recall.state == Recall.State.BUILDING:
        if time.monotonic() > until:
            announce_recall(recall.pk)
            return
        recall = advance(recall, actor=engine())
