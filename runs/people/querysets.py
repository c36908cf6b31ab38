"""Reading tasks, always through a person's reach: they inherit from their run's project."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.accounts.models import Team, User
from runs.people.starters import was_started_by

if TYPE_CHECKING:
    from runs.people.models import Task


class TaskQuerySet(models.QuerySet["Task"]):
    """Questions about tasks."""

    def visible_to(self, actor: User) -> Self:
        """Tasks of the projects the person reaches."""
        return self.filter(project__in=reach(actor).projects())

    def undecided(self) -> Self:
        """Tasks that somebody can still decide, on PostgreSQL's clock."""
        return self.filter(Q(deadline_at=None) | Q(deadline_at__gt=Now()), state="open")

    def waiting_for(self, actor: User) -> Self:
        """Undecided tasks to which `eligibility.standing` finds no obstacle, asked of the database."""
        teams = Team.objects.filter(group__user=actor)
        operated = reach(actor).projects(Permission.OPERATE)
        asked = Q(team=None, project__in=operated) | Q(team__in=teams)
        escalated = Q(escalate_to__in=teams, escalates_at__lte=Now())
        shielded = Q(kind="approve", run__environment__protected=True)
        barred = shielded if actor.token is not None else shielded & Q(was_started_by(actor))
        return self.visible_to(actor).undecided().filter(asked | escalated).exclude(barred)

    def with_names(self) -> Self:
        """With what a list shows of each, in the same query."""
        return self.select_related("run__workflow", "run__environment", "project", "team", "escalate_to")

    def timed(self) -> Self:
        """Each with `overdue` and `escalates`: whether the moment has come, on PostgreSQL's clock."""
        return self.annotate(
            overdue=models.ExpressionWrapper(Q(deadline_at__lte=Now()), output_field=models.BooleanField()),
            escalates=models.ExpressionWrapper(
                Q(escalates_at__lte=Now()), output_field=models.BooleanField()
            ),
        )
