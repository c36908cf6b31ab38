"""The model that our ledger's bench changes, column for column."""

import uuid

import pghistory
from auditlog.registry import auditlog
from django.db import models
from simple_history.models import HistoricalRecords


class Claim(models.Model):
    """What is changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation_id = models.UUIDField()
    reference = models.CharField(max_length=40)
    state = models.CharField(max_length=20)
    amount = models.IntegerField()
    note = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.reference


class Plain(Claim):
    """Without a history."""


class Audited(Claim):
    """django-auditlog's."""


class Historic(Claim):
    """django-simple-history's."""

    history = HistoricalRecords()


@pghistory.track()
class Tracked(Claim):
    """django-pghistory's."""


auditlog.register(Audited)
