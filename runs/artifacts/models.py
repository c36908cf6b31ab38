"""The artifact and its search index row."""

from functools import lru_cache
from uuid import UUID, uuid5

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from governance.accounts.models import Organisation


class Artifact(models.Model):
    """Bytes that were an input, a rendered prompt or an output, and how they are read. Never changed.

    Stored once per organisation and media type: the identifier follows from these two and the digest
    (`artifact_id`), so that a writer needs no look-up. `runs.artifacts.opening` alone reads the bytes. When
    their time is over the bytes are removed, and the row stays (`runs.retention`).
    """

    class Classification(models.TextChoices):
        """How far the content may travel, from least to most protected."""

        PUBLIC = "public", "Public"
        INTERNAL = "internal", "Internal"
        CONFIDENTIAL = "confidential", "Confidential"
        PERSONAL = "personal", "Personal data"

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField(help_text="Bytes.")
    inline = models.BinaryField(db_column="body", null=True, help_text="The bytes, where they stand here.")
    place = models.CharField(
        max_length=200, db_default="", editable=False, help_text="Else where in the store they are."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    pruned_by = models.ForeignKey(
        "ErasureContent",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        help_text="What was announced of it: that its bytes are to be removed.",
    )
    pruned_at = models.DateTimeField(null=True, editable=False, help_text="When they were removed.")

    class Meta:
        db_table = "runs_artifact"
        indexes = (
            models.Index(fields=["sha256"], name="artifact_by_digest"),
            # Few rows, so that whoever stores contents learns at once that none of them is among these.
            models.Index(fields=["id"], name="artifact_pruned", condition=models.Q(pruned_by__isnull=False)),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(inline__isnull=False, place="", pruned_at=None)
                | models.Q(inline=None, pruned_at=None) & ~models.Q(place="")
                | models.Q(inline=None, place="", pruned_at__isnull=False, pruned_by__isnull=False),
                name="artifact_in_one_place",
            ),
        )

    def __str__(self) -> str:
        return self.sha256

    def copies(self) -> models.QuerySet["Artifact"]:
        """These bytes wherever the organisation has them, however they are read.

        There may be several: text and JSON, and what was stored while the media type did not count.
        """
        return Artifact.objects.filter(organisation=self.organisation_id, sha256=self.sha256)


@lru_cache(maxsize=1024)  # a step's output is named by itself, by its edge, and by whoever reads it
def artifact_id(organisation: UUID, sha256: str, media_type: str) -> UUID:
    """The identifier of these bytes, read in this way, in this organisation (UUID version 5)."""
    return uuid5(organisation, f"{media_type} {sha256}")


class ArtifactText(models.Model):
    """The words of a textual artifact, for search; droppable and rebuildable from the artifact."""

    artifact = models.OneToOneField(Artifact, on_delete=models.CASCADE, primary_key=True, related_name="text")
    vector = SearchVectorField()

    class Meta:
        db_table = "runs_artifact_text"
        indexes = (GinIndex(fields=["vector"], name="artifact_text_words"),)

    def __str__(self) -> str:
        return str(self.artifact_id)
