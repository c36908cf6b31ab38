"""Reading rules, holds and erasures, always through a person's reach."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models
from django.db.models import Count, Q

from governance.access.gate import reach
from governance.accounts.models import User

if TYPE_CHECKING:
    from runs.retention.models import Erasure, Hold, Rule


class RuleQuerySet(models.QuerySet["Rule"]):
    """Questions about rules."""

    def visible_to(self, actor: User) -> Self:
        """Rules of the organisations in which the person reaches something."""
        return self.filter(organisation__in=reach(actor).organisations)

    def counting(self) -> Self:
        """Of each organisation and class the newest, which counts."""
        newest = self.order_by("organisation_id", "classification", "-at", "-id")
        return newest.distinct("organisation_id", "classification")

    def removing(self) -> list[UUID]:
        """The organisations in which something is removed at all, as the newest rules say."""
        return sorted({rule.organisation_id for rule in self.counting() if rule.days is not None})


class HoldQuerySet(models.QuerySet["Hold"]):
    """Questions about holds."""

    def visible_to(self, actor: User) -> Self:
        """Holds on projects the person reaches, and those on whole organisations of theirs."""
        found = reach(actor)
        whole = Q(project=None, organisation__in=found.organisations)
        return self.filter(whole | Q(project__in=found.projects()))

    def standing(self) -> Self:
        """Those that nobody has lifted."""
        return self.filter(lift=None)


class ErasureQuerySet(models.QuerySet["Erasure"]):
    """Questions about what was removed."""

    def visible_to(self, actor: User) -> Self:
        """Erasures of the organisations in which the person reaches something."""
        return self.filter(organisation__in=reach(actor).organisations)

    def counted(self) -> Self:
        """With how many of its contents wait, were `removed`, and were `kept`."""
        outcomes = {name: Count("listed", filter=Q(listed__outcome=name)) for name in ("removed", "kept")}
        return self.annotate(waiting=Count("listed", filter=Q(listed__outcome="")), **outcomes)

    def due(self) -> "models.QuerySet[Erasure, UUID]":
        """Those of which something is to be removed now, the oldest announcement first."""
        rows = self.filter(listed__outcome="", removes_from__lte=models.functions.Now())
        return rows.order_by("at", "pk").values_list("pk", flat=True).distinct()
