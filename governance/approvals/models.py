"""The request, who may not decide it, and the votes."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from governance.accounts.models import Project
from governance.approvals.querysets import ApprovalRequestQuerySet
from governance.ledger.identity import uuid7
from governance.ledger.immutable import Immutable


class ApprovalRequest(models.Model):
    """Asks people to decide on exactly one digest. Open until it is approved, rejected or withdrawn."""

    class State(models.TextChoices):
        """Only `open` ever changes."""

        OPEN = "open", "Waiting for approval"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"
        NOT_REQUIRED = "not_required", "No approval required"

    CARRIED: ClassVar[frozenset[str]] = frozenset({State.APPROVED, State.NOT_REQUIRED})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="approval_requests")
    subject = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    quorum = models.PositiveSmallIntegerField("approvals needed")
    state = models.CharField(max_length=20, choices=State.choices, default=State.OPEN)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="asked by"
    )
    requested_at = models.DateTimeField("asked", auto_now_add=True)
    decided_at = models.DateTimeField("decided", null=True)

    objects = ApprovalRequestQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "request for approval", "requests for approval"
        db_table = "approvals_request"
        ordering = ("-id",)
        indexes = (models.Index(fields=["project", "state", "-id"], name="approvals_request_open"),)

    def __str__(self) -> str:
        return self.subject


class Exclusion(Immutable):
    """Somebody who may not decide this request, and why; frozen when it was submitted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(ApprovalRequest, on_delete=models.PROTECT, related_name="exclusions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=400)

    class Meta:
        db_table = "approvals_exclusion"
        constraints = (models.UniqueConstraint(fields=["request", "person"], name="exclusion_once"),)

    def __str__(self) -> str:
        return f"{self.person} {self.reason}"


class Vote(Immutable):
    """One person's decision, with the name and the meaning as they were when it was made (21 CFR 11.50)."""

    class Decision(models.TextChoices):
        """What was decided."""

        APPROVE = "approve", "Approved"
        REJECT = "reject", "Rejected"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(ApprovalRequest, on_delete=models.PROTECT, related_name="votes")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="votes")
    person_name = models.CharField("person's name", max_length=200)
    decision = models.CharField(max_length=10, choices=Decision.choices)
    meaning = models.CharField(max_length=200)
    reason = models.CharField(max_length=2000)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField("when", auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = "decision", "decisions"
        db_table = "approvals_vote"
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=["request", "person"], name="vote_once"),)

    def __str__(self) -> str:
        return f"{self.person_name}: {self.decision}"
