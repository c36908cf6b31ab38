"""Reading organisations and projects."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models

from governance.ledger.reaching import reached

if TYPE_CHECKING:
    from governance.accounts.models import Organisation, Project, User


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Questions about organisations."""

    def visible_to(self, actor: "User") -> Self:
        """The organisations that the person belongs to by a role or owns."""
        return self.filter(pk__in=reached(actor).organisations)

    def with_ids(self, ids: frozenset[UUID]) -> Self:
        """The organisations with these identifiers."""
        return self.filter(pk__in=ids)


class ProjectQuerySet(models.QuerySet["Project"]):
    """Questions about projects."""

    def visible_to(self, actor: "User") -> Self:
        """The projects the person reaches."""
        return self.filter(pk__in=reached(actor).projects())

    def with_ids(self, ids: frozenset[UUID]) -> Self:
        """The projects with these identifiers."""
        return self.filter(pk__in=ids)
