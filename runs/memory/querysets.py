"""Reading what is remembered, as of a moment and through a person's reach."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models

from governance.access.gate import reach
from governance.accounts.models import User

if TYPE_CHECKING:
    from runs.memory.models import Entry


class EntryQuerySet(models.QuerySet["Entry"]):
    """Questions about what is remembered."""

    def visible_to(self, actor: User) -> Self:
        """Entries of the projects the person reaches."""
        return self.filter(project__in=reach(actor).projects())

    def of(self, project: UUID, namespace: str, key: str) -> Self:
        """The versions of one value, the newest first."""
        return self.filter(project=project, namespace=namespace, key=key).order_by("-number")

    def as_of(self, sequence: int) -> Self:
        """What was there when the project had so many entries."""
        return self.filter(sequence__lte=sequence)

    def newest(self) -> Self:
        """Of each value its newest version among these."""
        values = ("project", "namespace", "key")
        return self.order_by(*values, "-number").distinct(*values)
