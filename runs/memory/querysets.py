"""Reading what is remembered, as of a moment and through a person's reach."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef

from governance.access.gate import reach
from governance.accounts.models import User
from runs.memory.place import Place

if TYPE_CHECKING:
    from runs.memory.models import Entry


class EntryQuerySet(models.QuerySet["Entry"]):
    """Questions about what is remembered."""

    def visible_to(self, actor: User) -> Self:
        """Entries of the projects the person reaches."""
        return self.filter(project__in=reach(actor).projects())

    def within(self, project: UUID, environment: UUID) -> Self:
        """What the project remembers in the environment."""
        return self.filter(project=project, environment=environment)

    def of(self, place: Place) -> Self:
        """The versions of one value, the newest first."""
        rows = self.within(place.project, place.environment)
        return rows.filter(namespace=place.namespace, key=place.key).order_by("-number")

    def as_of(self, sequence: int) -> Self:
        """What was there when so many entries were there."""
        return self.filter(sequence__lte=sequence)

    def holding(self, sequence: int | None = None) -> Self:
        """Of each value the version that holds: the newest, or the newest of when so many were there."""
        of_value = {name: OuterRef(name) for name in ("project", "environment", "namespace", "key")}
        next_one = self.model._default_manager.filter(**of_value, number__gt=OuterRef("number"))
        if sequence is None:
            return self.filter(~Exists(next_one))
        return self.filter(~Exists(next_one.filter(sequence__lte=sequence)), sequence__lte=sequence)

    def with_writers(self) -> Self:
        """With the step and its run, or the version that was gone back to; contents without their bytes."""
        written = ("step__run__workflow", "restores", "artifact", "project", "environment")
        return self.select_related(*written).defer("artifact__inline")
