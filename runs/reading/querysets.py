"""Reading the log of readings, through a person's reach."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models
from django.db.models import Q

from governance.access.gate import reach
from governance.accounts.models import User
from runs.lineage.models import Edge
from runs.records.models import RunInput

if TYPE_CHECKING:
    from runs.reading.models import Ticket


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Questions about who opened what."""

    def visible_to(self, actor: User) -> Self:
        """Readings in the projects that the person reaches, all of the organisations owned, and their own."""
        held = reach(actor)
        here = Q(project__in=held.projects()) | Q(organisation__in=held.owned)
        return self.filter(here | Q(actor=actor.pk) if actor.token is None else here)

    def with_names(self) -> Self:
        """With what a list shows of each."""
        return self.select_related("run__workflow", "project").defer("session")

    def of_content(self, content: UUID) -> Self:
        """Readings that opened this content."""
        return self.filter(opened__artifact=content)

    def of_run(self, run: UUID, *, actor: User) -> Self:
        """Readings of what a run within reach was given, and of what its steps read and made."""
        given = RunInput.objects.visible_to(actor).filter(run=run).values("artifact")
        used = Edge.objects.visible_to(actor).filter(step__run=run).values("artifact")
        # Each by its own index: in one question with OR, PostgreSQL walks over all readings.
        readings = self.model._default_manager.order_by()
        by_given = readings.filter(opened__artifact__in=given).values("pk")
        by_used = readings.filter(opened__artifact__in=used).values("pk")
        return self.filter(pk__in=readings.filter(run=run).values("pk").union(by_given, by_used))
