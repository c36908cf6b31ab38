"""What Celery carries of recalls: in which project to collect on."""

import time
from typing import Final
from uuid import UUID

from celery import shared_task

from runs.durable.actors import engine
from runs.recalls.announcing import BUILD, announce_recall
from runs.recalls.models import Recall
from runs.recalls.turns import advance_next

AT_A_TIME_SECONDS: Final = 0.5


@shared_task(name=BUILD)
def build(recall_id: str) -> None:
    """Collect for half a second in the recall's project, then let others have their turn.

    What failed is left to the sweeper, which waits before it announces it again.
    """
    project = Recall.objects.values_list("project", flat=True).get(pk=UUID(recall_id))
    until = time.monotonic() + AT_A_TIME_SECONDS
    while (recall := advance_next(project, actor=engine())) is not None and not recall.failures:
        if time.monotonic() > until:
            announce_recall(recall.pk)
            return
