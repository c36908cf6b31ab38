"""The mark that an unsafe attempt was begun."""

from django.db import models
from django.db.models.functions import Now

from governance.ledger.identity import uuid7
from governance.ledger.immutable import Immutable
from runs.records.models import Run


class Begun(Immutable):
    """An attempt with an unsafe effect was begun. Found without its step, a person must look into it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="begun", db_index=False)
    position = models.PositiveIntegerField()
    attempt = models.PositiveIntegerField()
    worker = models.CharField(max_length=120)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "runs_begun"
        constraints = (
            models.UniqueConstraint(fields=["run", "position", "attempt"], name="begun_attempt_once"),
        )

    def __str__(self) -> str:
        return f"attempt {self.attempt} at step {self.position} of {self.run_id}"
