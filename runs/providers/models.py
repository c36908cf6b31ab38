"""How much of a provider or an HTTP endpoint an organisation may ask for."""

from django.db import models
from django.db.models.functions import Now

from governance.accounts.models import Organisation
from governance.ledger.identity import uuid7


class Limit(models.Model):
    """The limits of an organisation at one provider or endpoint, and how far they are used up.

    `per_minute` and `at_once` are set by platform owners. The rest is the engine's: `tokens` is how many
    calls may begin as of `refilled_at`, `line_until` when the last one who waits for a token is due, and
    until `closed_until` nobody asks, since the other side was asked too often.
    """

    class Kind(models.TextChoices):
        """Whose name it is."""

        PROVIDER = "provider", "Provider of models"
        ENDPOINT = "endpoint", "HTTP endpoint"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="limits")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=40)
    per_minute = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Calls that begin in a minute, on average; after a rest a sixth of them may begin "
        "together.",
    )
    at_once = models.PositiveIntegerField(null=True, blank=True, help_text="Calls at the same time.")
    tokens = models.FloatField(default=1.0, db_default=1.0, editable=False)
    refilled_at = models.DateTimeField(db_default=Now(), editable=False)
    line_until = models.DateTimeField(null=True, editable=False)
    closed_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "runs_limit"
        ordering = ("kind", "name")
        constraints = (
            models.UniqueConstraint(fields=["organisation", "kind", "name"], name="limit_once_per_name"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"
