"""Reading environments, releases and what is in effect."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Subquery

from governance.access.gate import reach
from governance.accounts.models import User

if TYPE_CHECKING:
    from governance.catalog.models import Asset
    from governance.releases.models import Activation, Environment, Opening, Release


class EnvironmentQuerySet(models.QuerySet["Environment"]):
    """Questions about environments."""

    def visible_to(self, actor: User) -> Self:
        """Environments of the organisations the person reaches."""
        return self.filter(organisation__in=reach(actor).organisations)


class ReleaseQuerySet(models.QuerySet["Release"]):
    """Questions about releases."""

    def visible_to(self, actor: User) -> Self:
        """Releases of the projects the person reaches."""
        return self.filter(project__in=reach(actor).projects())

    def ready(self) -> Self:
        """Approved, never put into effect, and not overtaken by a later release that was."""
        overtaken = self.filter(
            workflow=OuterRef("workflow"),
            environment=OuterRef("environment"),
            number__gt=OuterRef("number"),
            activations__isnull=False,
        )
        approved = self.filter(request__state="approved", activations__isnull=True)
        return approved.exclude(Exists(overtaken))

    def with_names(self) -> Self:
        """With what a list shows of each, in the same query, and none of the contents behind the names."""
        return self.with_contents().defer("version__content", "closure")

    def with_contents(self) -> Self:
        """With all that the page of a single release shows, in the same query."""
        return self.select_related(
            "workflow", "version__asset", "environment", "request", "submitted_by", "project"
        )


class ActivationQuerySet(models.QuerySet["Activation"]):
    """Questions about what is in effect."""

    def visible_to(self, actor: User) -> Self:
        """Activations of the projects the person reaches."""
        return self.filter(release__project__in=reach(actor).projects())

    def with_names(self) -> Self:
        """With what a list shows of each, in the same query, and none of the contents behind the names."""
        named = self.with_replaced().select_related(
            "workflow", "environment", "release__workflow", "release__version__asset", "release__project"
        )
        return named.defer("release__version__content", "release__closure")

    def with_replaced(self) -> Self:
        """With `replaced`, the number of the release that each took the place of, in the same query."""
        before = self.model._default_manager.filter(
            workflow=OuterRef("workflow"),
            environment=OuterRef("environment"),
            sequence=OuterRef("sequence") - 1,
        )
        return self.annotate(replaced=Subquery(before.values("release__number")))

    def line(self, workflow: "Asset | UUID | OuterRef", environment: "Environment | UUID | OuterRef") -> Self:
        """The activations of the workflow in the environment; the first is in effect now."""
        return self.filter(workflow=workflow, environment=environment).order_by("-sequence")

    def in_effect(self) -> Self:
        """The newest activation of each workflow in each environment."""
        newest = self.order_by("environment_id", "workflow_id", "-sequence").distinct(
            "environment_id", "workflow_id"
        )
        return self.model._default_manager.filter(pk__in=newest.values("pk"))  # type: ignore[return-value]  # the same class, which the stubs forget


class OpeningQuerySet(models.QuerySet["Opening"]):
    """Questions about what is open to which environment."""

    def visible_to(self, actor: User) -> Self:
        """Openings of the organisations the person reaches."""
        return self.filter(organisation__in=reach(actor).organisations)

    def that_count(self) -> Self:
        """The newest of each name."""
        return self.order_by("organisation_id", "kind", "name", "-number").distinct(
            "organisation_id", "kind", "name"
        )
