"""What the rolling check of stored contents has found, and how far it is."""

from typing import Self

from django.db import models
from django.db.models.functions import Now

from governance.access.gate import reach
from governance.accounts.models import Organisation, User
from governance.ledger.identity import uuid7
from governance.ledger.immutable import Immutable
from runs.artifacts.models import Artifact


class DamageQuerySet(models.QuerySet["Damage"]):
    """Questions about contents that are not what they were."""

    def visible_to(self, actor: User) -> Self:
        """Those of the organisations that the person reaches."""
        return self.filter(organisation__in=reach(actor).organisations)


class Damage(Immutable):
    """A content whose stored bytes had another digest than the recorded one, or were gone. Recorded once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    artifact = models.OneToOneField(Artifact, on_delete=models.PROTECT, related_name="damage")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    found_sha256 = models.CharField(max_length=64, blank=True, help_text="Empty where nothing was there.")
    event = models.UUIDField(help_text="Its entry in the ledger.")
    at = models.DateTimeField(db_default=Now())

    objects = DamageQuerySet.as_manager()

    class Meta:
        db_table = "runs_content_damage"
        ordering = ("-id",)

    def __str__(self) -> str:
        return str(self.artifact_id)


class Recheck(models.Model):
    """How far the rolling check is: a single row. A round goes through the contents by their identifiers."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    after = models.UUIDField(null=True, help_text="The content that was looked at last; none before a round.")
    looked = models.PositiveBigIntegerField(default=0, help_text="Contents looked at in this round.")
    began_at = models.DateTimeField(null=True)
    at = models.DateTimeField(null=True, help_text="When something was looked at last.")
    whole_at = models.DateTimeField(null=True, help_text="When a round came to its end last.")
    whole = models.PositiveBigIntegerField(
        default=0, help_text="Contents that the last whole round looked at."
    )

    class Meta:
        db_table = "runs_content_recheck"

    def __str__(self) -> str:
        return f"{self.looked} of this round"
