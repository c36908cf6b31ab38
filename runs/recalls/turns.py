"""One recall of a project after another, one worker at a time; what keeps failing is given up, in words."""

import logging
from typing import Final
from uuid import UUID

from django.db import Error, connection, transaction
from django.db.models.functions import Now

from governance.ledger.kinds import Kind
from governance.ledger.services import Actor, record
from governance.prepared import rows
from runs.recalls.building import advance
from runs.recalls.models import Recall

log = logging.getLogger(__name__)
MOST_FAILURES: Final = 5
TURN: Final = b"""
    SELECT pg_try_advisory_xact_lock(hashtextextended('recalls of ' || %(project)s::uuid, 0)) AS taken
"""
CANCELLED: Final = "57014"


@transaction.atomic
def advance_next(project: UUID, *, actor: Actor) -> Recall | None:
    """One page or batch further with the project's next recall, which is returned; with its failure counted.

    None where nothing is left to be collected, or somebody else is at it: that worker goes on. Raises only
    when the database is away.
    """
    if not rows(TURN, {"project": project})[0].taken:
        return None
    recall = Recall.objects.unfinished().filter(project=project).select_related("project").first()
    if recall is None:
        return None
    try:
        with transaction.atomic():
            return advance(recall, actor=actor)
    except Exception as problem:
        if not connection.is_usable():
            raise
        log.exception("The recall %s could not be collected on", recall.pk)
        return _failed(recall, problem, actor)


def _failed(recall: Recall, problem: Exception, actor: Actor) -> Recall:
    """Count it; the one too many ends the collecting until a person has it tried again."""
    recall.failures, recall.failure, recall.advanced_at = recall.failures + 1, _said(problem), Now()
    if recall.failures >= MOST_FAILURES:
        recall.state = Recall.State.FAILED
        details = {"title": recall.title, "failures": recall.failures, "failure": recall.failure}
        record(
            Kind.RECALL_FAILED,
            actor=actor,
            organisation=recall.project.organisation_id,
            about=("recall", recall.pk),
            details={**details, "cases": recall.found},
        )
    recall.save(update_fields=["failures", "failure", "advanced_at", "state"])
    return recall


def _said(problem: Exception) -> str:
    """For people; the trace is in the worker's log."""
    if isinstance(problem, Error) and getattr(problem.__cause__, "sqlstate", "") == CANCELLED:
        return "a question to the database took longer than it may"
    return f"the worker met an error that nobody has foreseen ({type(problem).__name__})"
