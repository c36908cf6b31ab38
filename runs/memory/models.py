"""One version of one remembered value."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from governance.accounts.models import Project
from governance.ledger.identity import uuid7
from governance.ledger.immutable import Immutable
from governance.releases.models import Environment
from runs.artifacts.models import Artifact
from runs.memory.place import Place
from runs.memory.querysets import EntryQuerySet
from runs.records.models import Step


class Entry(Immutable):
    """A version of what a project remembers in an environment under a namespace and key.

    The highest number is what holds. What runs of one environment leave is not read in another: nobody has
    approved what runs in an unprotected one. `sequence` counts the entries of the project in the environment
    in the order of their commits, so "as of 17" means the same for ever. A step wrote it, or a person who
    went back to an earlier version, `restores`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+", db_index=False)
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="+", db_index=False)
    sequence = models.PositiveBigIntegerField()
    namespace = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    number = models.PositiveIntegerField()
    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, related_name="+", db_index=False)
    classification = models.CharField(max_length=12, choices=Artifact.Classification.choices)
    step = models.ForeignKey(
        Step, on_delete=models.PROTECT, null=True, related_name="memories", db_index=False
    )
    restores = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    author_name = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField(db_default=Now())

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        db_table = "runs_memory"
        ordering = ("-sequence",)
        constraints = (
            models.UniqueConstraint(fields=["project", "environment", "sequence"], name="memory_in_order"),
            models.UniqueConstraint(
                fields=["project", "environment", "namespace", "key", "number"], name="memory_version_once"
            ),
            models.CheckConstraint(
                condition=Q(step__isnull=False, restores=None, author=None)
                | Q(step=None, restores__isnull=False, author__isnull=False),
                name="memory_written_by_one",
            ),
        )
        indexes = (
            models.Index(fields=["step"], name="memory_of_step", condition=Q(step__isnull=False)),
            models.Index(fields=["artifact"], name="memory_of_content"),
        )

    @property
    def place(self) -> Place:
        """Where it is a version; one query where the project is not at hand."""
        return Place(
            self.project.organisation_id, self.project_id, self.environment_id, self.namespace, self.key
        )

    def __str__(self) -> str:
        return f"{self.namespace}/{self.key}@{self.number}"
