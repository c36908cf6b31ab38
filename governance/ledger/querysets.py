"""Reading events."""

from typing import TYPE_CHECKING, Final, Self
from uuid import UUID

from django.db import models

from governance.ledger.reaching import reached

if TYPE_CHECKING:
    from governance.ledger.models import Event
    from governance.ledger.services import Actor

READINGS: Final = "content."


class EventQuerySet(models.QuerySet["Event"]):
    """Questions asked of the ledger."""

    def visible_to(self, actor: "Actor") -> Self:
        """Events of the owned organisations and of the reached projects, and the own about no project."""
        found = reached(actor)
        own = models.Q(project=None, actor=actor.pk)
        here = models.Q(organisation__in=found.owned) | models.Q(project__in=found.projects())
        return self.filter(here | own)

    def happened(self) -> Self:
        """Without those of people who only looked: what they opened is told in a log of its own."""
        return self.exclude(kind__startswith=READINGS)

    def about(self, object_type: str, object_id: UUID) -> Self:
        """Events about one object, oldest first."""
        return self.happened().filter(object_type=object_type, object_id=object_id).order_by("id")

    def of_run(self, run_id: UUID) -> Self:
        """What happened to one run, in the order in which it was recorded."""
        return self.happened().filter(run=run_id).order_by("id")
