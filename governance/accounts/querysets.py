"""Reading organisations and projects."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models

if TYPE_CHECKING:
    from governance.accounts.models import Organisation, Project


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Questions about organisations; what a person may see of them is `governance.access`' answer."""

    def with_ids(self, ids: frozenset[UUID]) -> Self:
        """The organisations with these identifiers."""
        return self.filter(pk__in=ids)


class ProjectQuerySet(models.QuerySet["Project"]):
    """Questions about projects; what a person may see of them is `governance.access`' answer."""

    def with_ids(self, ids: frozenset[UUID]) -> Self:
        """The projects with these identifiers."""
        return self.filter(pk__in=ids)
