"""Reading webhooks and what belongs to them, always through a person's reach: they inherit their project."""

from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Max, OuterRef, Q, Subquery
from django.db.models.functions import Now

from governance.access.gate import reach
from governance.accounts.models import User

if TYPE_CHECKING:
    from runs.webhooks.models import Delivery, Refusal, Webhook, WebhookSecret


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Questions about webhooks."""

    def visible_to(self, actor: User) -> Self:
        """Webhooks of the projects the person reaches."""
        return self.filter(project__in=reach(actor).projects())

    def with_names(self) -> Self:
        """With what a list shows of each, in the same query."""
        return self.select_related("project", "workflow", "environment", "starter")

    def with_last_delivery(self) -> Self:
        """With `last_at` and `last_run`: the newest delivery, if there is one."""
        from runs.webhooks.models import Delivery

        newest = Delivery.objects.filter(webhook=OuterRef("pk")).order_by("-id")
        return self.annotate(
            last_at=Subquery(newest.values("at")[:1]), last_run=Subquery(newest.values("run")[:1])
        )


class SecretQuerySet(models.QuerySet["WebhookSecret"]):
    """Questions about secrets."""

    def visible_to(self, actor: User) -> Self:
        """That there are such, of the webhooks the person may see; not what they are."""
        return self.filter(webhook__project__in=reach(actor).projects())

    def good(self) -> Self:
        """Those that a delivery may be signed with now, on PostgreSQL's clock."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=Now()))


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Questions about deliveries."""

    def visible_to(self, actor: User) -> Self:
        """Deliveries to the webhooks the person may see."""
        return self.filter(webhook__project__in=reach(actor).projects())

    def of_run(self, run: UUID) -> Self:
        """The delivery that started the run, with its webhook."""
        return self.filter(run=run).select_related("webhook")


class RefusalQuerySet(models.QuerySet["Refusal"]):
    """Questions about refusals."""

    def visible_to(self, actor: User) -> Self:
        """Refusals of the webhooks the person may see."""
        return self.filter(webhook__project__in=reach(actor).projects())

    def by_reason(self) -> list[Any]:
        """Each reason of the last days with how often and when last, the most frequent first."""
        counted = self.order_by().values("reason").annotate(times=models.Sum("count"), last=Max("last_at"))
        return list(counted.order_by("-times", "reason"))
