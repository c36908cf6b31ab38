"""The ticket that a reading needs, and the contents that it opens."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from governance.accounts.models import Organisation, Project
from governance.ledger.identity import uuid7
from governance.ledger.immutable import Immutable
from runs.artifacts.models import Artifact
from runs.reading.querysets import TicketQuerySet
from runs.records.models import Run


class Ticket(Immutable):
    """Somebody is about to see contents. Committed, with its event, before the first byte is read."""

    class Kind(models.TextChoices):
        """How they are seen."""

        OPENED = "opened", "Opened"
        REVEALED = "revealed", "Revealed"
        EXPORTED = "exported", "Taken away"
        LISTED = "listed", "Seen in a list"
        SEARCHED = "searched", "Searched"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, related_name="+", db_index=False,
        help_text="Null where contents of several may be among them.",
    )  # fmt: skip
    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    actor_name = models.CharField(max_length=200, help_text="The printed name at the time.")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    purpose = models.CharField(
        max_length=80,
        help_text="The page, the answer or the file that shows them; or what masked ones are for.",
    )
    reason = models.TextField(db_default="", blank=True, help_text="Of a reveal: why, in the person's words.")
    session = models.BinaryField(help_text="A keyed digest of the session or the token that it was given to.")
    about_type = models.CharField(max_length=40)
    about_id = models.UUIDField()
    contents = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the contents' identifiers in order.")
    event = models.UUIDField(help_text="Its entry in the ledger.")
    at = models.DateTimeField(db_default=Now())

    objects = TicketQuerySet.as_manager()

    class Meta:
        db_table = "runs_reading"
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["project", "-id"], name="reading_newest"),
            models.Index(fields=["run", "-id"], name="reading_of_run", condition=models.Q(run__isnull=False)),
            models.Index(fields=["actor", "-id"], name="reading_by_person"),
            models.Index(fields=["about_id", "-id"], name="reading_about"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.about_type} {self.about_id}"


class Opened(Immutable):
    """A content that the ticket opens."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="opened", db_index=False)
    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "runs_reading_content"
        indexes = (models.Index(fields=["artifact", "ticket"], name="reading_of_content"),)
        constraints = (models.UniqueConstraint(fields=["ticket", "artifact"], name="content_opened_once"),)

    def __str__(self) -> str:
        return str(self.artifact_id)
