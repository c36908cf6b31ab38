"""Reading schedules and their firings, always through a person's reach."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from governance.access.gate import reach
from governance.accounts.models import User
from runs.durable.actors import sweeper
from runs.durable.machine import HELD_UP, UNDER_WAY
from runs.records.models import Run

if TYPE_CHECKING:
    from runs.schedules.models import Firing, Schedule


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    """Questions about schedules."""

    def visible_to(self, actor: User) -> Self:
        """Schedules of the projects the person reaches."""
        return self.filter(project__in=reach(actor).projects())

    def current(self) -> Self:
        """Those that are not retired."""
        return self.filter(retired_at=None)

    def due(self) -> Self:
        """Those whose time has come on PostgreSQL's clock, or whose run has ended that a firing waits for."""
        standing = Run.objects.filter(pk=OuterRef("last_run"), state__in=UNDER_WAY | HELD_UP)
        return self.filter(Q(next_at__lte=Now()) | Q(queued_for__isnull=False) & ~Exists(standing))

    def given_up(self, actor: User) -> Self:
        """Those of the actor's that have paused themselves."""
        own = self.visible_to(actor).current().filter(saved_by=actor, paused_at__isnull=False)
        return own.filter(paused_by_name=sweeper().name)

    def with_names(self) -> Self:
        """With what a list shows of each, in the same query, and `late`: for how long it has been due."""
        late = models.ExpressionWrapper(Now() - models.F("next_at"), output_field=models.DurationField())
        return self.select_related("project", "workflow", "environment").annotate(late=late)


class FiringQuerySet(models.QuerySet["Firing"]):
    """Questions about firings."""

    def visible_to(self, actor: User) -> Self:
        """Firings of the schedules the person may see."""
        return self.filter(schedule__project__in=reach(actor).projects())
