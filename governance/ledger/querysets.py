"""Reading events."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models

from governance.ledger.reaching import reached

if TYPE_CHECKING:
    from governance.ledger.models import Event
    from governance.ledger.services import Actor


class EventQuerySet(models.QuerySet["Event"]):
    """Questions asked of the ledger."""

    def visible_to(self, actor: "Actor") -> Self:
        """Events of the owned organisations and of the reached projects, and the own about no project."""
        found = reached(actor)
        own = models.Q(project=None, actor=actor.pk)
        here = models.Q(organisation__in=found.owned) | models.Q(project__in=found.projects())
        return self.filter(here | own)

    def about(self, object_type: str, object_id: UUID) -> Self:
        """Events about one object, oldest first."""
        return self.filter(object_type=object_type, object_id=object_id).order_by("id")

    def of_run(self, run_id: UUID) -> Self:
        """Events of one run, in the order in which they were recorded."""
        return self.filter(run=run_id).order_by("id")
