"""The task: a question that a run asks of people, and what was decided."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from governance.accounts.models import Project, Team
from governance.ledger.identity import uuid7
from runs.artifacts.models import Artifact
from runs.people.querysets import TaskQuerySet
from runs.records.models import Run


class Task(models.Model):
    """Asks people to approve, edit or choose, for a run that waits for it. Open until it is closed, once.

    `shown` lists what the person reads, each with its name, reference, artifact and classification; `subject`
    names the one that is edited or approved. What was asked never changes, nor what was decided.
    """

    class Kind(models.TextChoices):
        """What is asked for."""

        APPROVE = "approve", "Approve"
        EDIT = "edit", "Edit"
        CHOOSE = "choose", "Choose"

    class State(models.TextChoices):
        """Only `open` ever changes."""

        OPEN = "open", "Open"
        DECIDED = "decided", "Decided"
        EXPIRED = "expired", "Expired"
        WITHDRAWN = "withdrawn", "Withdrawn"

    APPROVALS: ClassVar[dict[str, str]] = {"approve": "Approve", "reject": "Reject"}
    EDITED: ClassVar[str] = "edit"
    ACCEPTED: ClassVar[str] = "accept"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="tasks", db_index=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+", db_index=False)
    node = models.CharField(max_length=60)
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    title = models.CharField(max_length=200)
    instructions = models.CharField(max_length=4000, blank=True)
    choices = models.JSONField(default=list)
    shown = models.JSONField(default=list)
    subject = models.CharField(max_length=300, blank=True, help_text="The reference of what it is about.")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    escalate_to = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    opened_at = models.DateTimeField(db_default=Now())
    escalates_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    deadline_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decision = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=2000, blank=True)
    edited = models.ForeignKey(
        Artifact, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_by_name = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        db_table = "runs_task"
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["run", "position"], name="task_open_once", condition=Q(state="open")
            ),
        )
        indexes = (
            models.Index(fields=["project", "-id"], name="task_newest"),
            models.Index(fields=["project"], name="task_open", condition=Q(state="open")),
            models.Index(fields=["run", "position", "-id"], name="task_of_run"),
            models.Index(fields=["edited"], name="task_of_content", condition=Q(edited__isnull=False)),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def shielded(self) -> bool:
        """Whether it asks for an approval in a protected environment: of others, and at the browser alone."""
        return self.kind == self.Kind.APPROVE and self.run.environment.protected

    @property
    def offers(self) -> dict[str, str]:
        """What can be decided: each decision with its words."""
        if self.kind == self.Kind.APPROVE:
            return self.APPROVALS
        if self.kind == self.Kind.CHOOSE:
            return {choice: choice for choice in self.choices}
        return {self.ACCEPTED: "Leave it as it is", self.EDITED: "Take my edit"}
