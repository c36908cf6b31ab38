"""The edge between a step and an artifact."""

from django.db import models

from governance.ledger.identity import uuid7
from governance.ledger.immutable import Immutable
from runs.artifacts.models import Artifact
from runs.lineage.querysets import EdgeQuerySet
from runs.records.models import Step


class Edge(Immutable):
    """A step used or made an artifact, in a role."""

    class Role(models.TextChoices):
        """What the artifact was to the step."""

        INPUT = "input", "Input"
        PROMPT = "prompt", "Rendered prompt"
        OUTPUT = "output", "Output"
        ANSWER = "answer", "Refused answer"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # That these two are there is held for all edges of a statement at once, by the trigger `hold_edge`.
    step = models.ForeignKey(
        Step, on_delete=models.PROTECT, related_name="edges", db_index=False, db_constraint=False
    )
    role = models.CharField(max_length=8, choices=Role.choices)
    name = models.CharField(max_length=40, blank=True, help_text="The parameter, for an input.")
    source = models.CharField(max_length=300, blank=True, help_text="The reference that the input came from.")
    artifact = models.ForeignKey(
        Artifact, on_delete=models.PROTECT, related_name="edges", db_index=False, db_constraint=False
    )

    objects = EdgeQuerySet.as_manager()

    class Meta:
        db_table = "runs_edge"
        ordering = ("id",)
        indexes = (
            models.Index(fields=["step", "role", "artifact"], name="edge_of_step"),
            models.Index(fields=["artifact", "role", "step"], name="edge_of_artifact"),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.name}"
