"""Reading assets and versions, always through a person's reach."""

from typing import TYPE_CHECKING, Self

from django.db import models

from governance.access.gate import granted, reach
from governance.access.permissions import AssetPermission
from governance.accounts.models import User

if TYPE_CHECKING:
    from governance.catalog.models import Asset, Version


class AssetQuerySet(models.QuerySet["Asset"]):
    """Questions about assets."""

    def visible_to(self, actor: User) -> Self:
        """Assets of the projects the person reaches, and those granted to them singly."""
        singly = granted(actor, AssetPermission.VIEW, self.model)
        return self.filter(
            models.Q(project__in=reach(actor).projects()) | models.Q(pk__in=singly.values("pk"))
        )

    def of_kind(self, kind: str) -> Self:
        """Prompts, models or workflows."""
        return self.filter(kind=kind)

    def with_newest(self) -> Self:
        """Each with `newest_number` and `newest_at` of its latest version, in the same query."""
        return self.annotate(
            newest_number=models.Max("versions__number"), newest_at=models.Max("versions__created_at")
        )


class VersionQuerySet(models.QuerySet["Version"]):
    """Questions about versions."""

    def visible_to(self, actor: User) -> Self:
        """Versions of the assets the person may see."""
        from governance.catalog.models import Asset

        return self.filter(asset__in=Asset.objects.visible_to(actor))

    def pinnable(self, workflow: "Asset", *, actor: User) -> Self:
        """Versions of the workflow's project that the person may see, and those that it pins already.

        The latter stand in its own versions, which may be shared with somebody who sees nothing else.
        """
        seen = models.Q(pk__in=self.model._default_manager.visible_to(actor).values("pk"))
        return self.filter(
            seen | models.Q(pk__in=self.filter(pinned_by__version__asset=workflow).values("pk")),
            asset__project=workflow.project_id,
        )

    def with_pins(self) -> Self:
        """With the names of what each version pins, and none of the contents behind them."""
        from governance.catalog.models import Pin

        named = Pin.objects.select_related("pinned__asset").defer("pinned__content")
        return self.prefetch_related(models.Prefetch("pins", queryset=named))

    def newest_first(self) -> Self:
        """By number, the latest first."""
        return self.order_by("-number")
