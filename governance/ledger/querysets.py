"""Reading events."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models

if TYPE_CHECKING:
    from governance.ledger.models import Event


class EventQuerySet(models.QuerySet["Event"]):
    """Questions asked of the ledger. The caller decides reach, by naming the organisations or the object."""

    def within(self, organisations: frozenset[UUID]) -> Self:
        """Events of these organisations."""
        return self.filter(organisation__in=organisations)

    def about(self, object_type: str, object_id: UUID) -> Self:
        """Events about one object, oldest first."""
        return self.filter(object_type=object_type, object_id=object_id).order_by("id")

    def of_run(self, run_id: UUID) -> Self:
        """Events of one run, in the order in which they were recorded."""
        return self.filter(run=run_id).order_by("id")
