"""The webhook, its secrets, what was delivered to it, and how often it refused what."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from governance.accounts.models import Project
from governance.catalog.models import Asset
from governance.ledger.identity import uuid7
from governance.ledger.immutable import Immutable
from governance.releases.models import Environment
from runs.records.models import Run
from runs.webhooks.querysets import DeliveryQuerySet, RefusalQuerySet, SecretQuerySet, WebhookQuerySet


class Webhook(models.Model):
    """An address that starts a workflow in an environment, in the name of a person, the `starter`.

    `address` is the unguessable end of its URL. The body of a delivery gives the inputs by name, or is the
    one input that `into` names. `hindrance` says why the last rightly signed delivery could start nothing.
    """

    class State(models.TextChoices):
        """A retired one never answers again."""

        ENABLED = "enabled", "Enabled"
        DISABLED = "disabled", "Disabled"
        RETIRED = "retired", "Retired"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+", db_index=False)
    workflow = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="+", db_index=False)
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=43, unique=True)
    into = models.CharField(max_length=40, blank=True)
    starter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    starter_name = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ENABLED)
    hindrance = models.CharField(max_length=500, blank=True)
    hindered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = WebhookQuerySet.as_manager()

    class Meta:
        db_table = "runs_webhook"
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["project", "name"], name="webhook_name_once", condition=~Q(state="retired")
            ),
        )
        indexes = (models.Index(fields=["project", "-id"], name="webhook_newest"),)

    def __str__(self) -> str:
        return self.name


class WebhookSecret(models.Model):
    """A secret that deliveries are signed with. The newest has no end; the one before it ends.

    `sealed` holds it encrypted, as it must be read to check a signature; of an ended one it may be emptied.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="secrets", db_index=False)
    number = models.PositiveIntegerField()
    sealed = models.TextField(blank=True)
    made_at = models.DateTimeField(db_default=Now())
    made_by_name = models.CharField(max_length=200)
    ends_at = models.DateTimeField(null=True)

    objects = SecretQuerySet.as_manager()

    class Meta:
        db_table = "runs_webhook_secret"
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["webhook", "number"], name="webhook_secret_once"),
            models.UniqueConstraint(
                fields=["webhook"], name="webhook_secret_in_use", condition=Q(ends_at=None)
            ),
        )

    def __str__(self) -> str:
        return f"secret {self.number}"


class Delivery(Immutable):
    """A rightly signed delivery and the run that it started. The same `key` again starts nothing."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    key = models.CharField(max_length=150, help_text="The sender's own: the header webhook-id.")
    sha256 = models.CharField(max_length=64, help_text="Of the body, as it came.")
    size = models.PositiveIntegerField()
    secret = models.PositiveIntegerField(help_text="The number of the secret that signed it.")
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="delivery")
    sender = models.CharField(max_length=45, blank=True, help_text="The network address that it came from.")
    at = models.DateTimeField(db_default=Now())

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        db_table = "runs_webhook_delivery"
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=["webhook", "key"], name="webhook_delivery_once"),)
        indexes = (models.Index(fields=["webhook", "-id"], name="webhook_delivery_newest"),)

    def __str__(self) -> str:
        return self.key


class Refusal(models.Model):
    """How often a webhook refused something on a day, and no word of what it was.

    `slot` is the day modulo `DAYS`: a later day takes the row of an earlier one, so they stay few.
    """

    class Reason(models.TextChoices):
        """Why."""

        PACE = "pace", "Too many at once"
        SIZE = "size", "Too large"
        SIGNATURE = "signature", "Signature, or its time"
        TYPE = "type", "Not JSON"
        CONTENT = "content", "Does not fit the workflow"
        REUSED = "reused", "Another body under a known id"
        HINDERED = "hindered", "Nothing could be started"

    DAYS: ClassVar[int] = 90

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="refusals", db_index=False)
    slot = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=9, choices=Reason.choices)
    day = models.DateField()
    count = models.PositiveIntegerField()
    last_at = models.DateTimeField()

    objects = RefusalQuerySet.as_manager()

    class Meta:
        db_table = "runs_webhook_refusal"
        ordering = ("-day", "reason")
        constraints = (
            models.UniqueConstraint(fields=["webhook", "slot", "reason"], name="webhook_refusal_once"),
        )

    def __str__(self) -> str:
        return f"{self.count} {self.reason}"


class Pace(models.Model):
    """How many requests were counted in a minute, of an address or a webhook that falls into the slot."""

    slot = models.PositiveIntegerField(primary_key=True)
    minute = models.PositiveIntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        db_table = "runs_webhook_pace"

    def __str__(self) -> str:
        return f"{self.count} in {self.minute}"
