"""The signal, and the step that took it."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from governance.ledger.identity import uuid7
from governance.ledger.immutable import Immutable
from runs.artifacts.models import Artifact
from runs.records.models import Run, Step
from runs.signals.querysets import SignalQuerySet


class Signal(Immutable):
    """Something that happened outside, told to a run by name. The same key tells it but once.

    It may come before the run waits for it; it is kept until a step takes it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="signals", db_index=False)
    name = models.CharField(max_length=80)
    key = models.CharField(max_length=200, help_text="The sender's own: the same one tells the same thing.")
    payload = models.ForeignKey(Artifact, on_delete=models.PROTECT, related_name="+", db_index=False)
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    sender_name = models.CharField(max_length=200)
    at = models.DateTimeField(db_default=Now())

    objects = SignalQuerySet.as_manager()

    class Meta:
        db_table = "runs_signal"
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=["run", "name", "key"], name="signal_once"),)
        indexes = (models.Index(fields=["payload"], name="signal_of_content"),)

    def __str__(self) -> str:
        return f"{self.name} {self.key}"


class Taking(Immutable):
    """A step took a signal: each is taken once, and a step takes one."""

    signal = models.OneToOneField(Signal, on_delete=models.PROTECT, primary_key=True, related_name="taking")
    step = models.OneToOneField(Step, on_delete=models.PROTECT, related_name="taking")

    class Meta:
        db_table = "runs_taking"

    def __str__(self) -> str:
        return f"{self.pk} taken"
