"""Reading events."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models

if TYPE_CHECKING:
    from governance.ledger.models import Event


class EventQuerySet(models.QuerySet["Event"]):
    """Questions asked of the ledger. The caller decides reach, by naming the projects or the object."""

    def within(self, *, owned: frozenset[UUID], projects: frozenset[UUID], actor: UUID) -> Self:
        """Events of the owned organisations and of the projects, and the actor's own about no project."""
        own = models.Q(project=None, actor=actor)
        return self.filter(models.Q(organisation__in=owned) | models.Q(project__in=projects) | own)

    def about(self, object_type: str, object_id: UUID) -> Self:
        """Events about one object, oldest first."""
        return self.filter(object_type=object_type, object_id=object_id).order_by("id")

    def of_run(self, run_id: UUID) -> Self:
        """Events of one run, in the order in which they were recorded."""
        return self.filter(run=run_id).order_by("id")
