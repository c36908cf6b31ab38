"""The recall, the outputs that it is about, and what people noted on each."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from governance.accounts.models import Project
from governance.ledger.identity import uuid7
from governance.ledger.immutable import Immutable
from runs.lineage.subjects import SubjectKind
from runs.recalls.querysets import CaseQuerySet, RecallQuerySet
from runs.records.models import Step


class Recall(models.Model):
    """Everything in a project that relied on a subject, collected once and then settled case by case.

    It is building until all is found, page by page: first what relied on the subject itself, from the newest
    back to `after`, then what came of that, case by case up to the number `expanded`. So whoever takes the
    building up goes on where it was left. What keeps failing is given up, and taken up again by a person.
    What it is about never changes.
    """

    class State(models.TextChoices):
        """Building becomes open, or failed and from there building again; open and failed become closed."""

        BUILDING = "building", "Being collected"
        OPEN = "open", "Open"
        FAILED = "failed", "Not collected"
        CLOSED = "closed", "Closed"

    KINDS: ClassVar[list[tuple[str, str]]] = [
        (SubjectKind.VERSION.value, "Version"),
        (SubjectKind.MODEL.value, "Model"),
        (SubjectKind.RELEASE.value, "Release"),
        (SubjectKind.FUNCTION.value, "Function"),
        (SubjectKind.ARTIFACT.value, "Content"),
        (SubjectKind.OUTPUT.value, "Output"),
        (SubjectKind.MEMORY.value, "Remembered value"),
        (SubjectKind.APPROVER.value, "Approver"),
    ]

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+", db_index=False)
    title = models.CharField(max_length=200)
    reason = models.CharField(max_length=2000)
    subject_kind = models.CharField(max_length=10, choices=KINDS)
    subject_key = models.CharField(max_length=100)
    subject_name = models.CharField(max_length=300, help_text="What it was called when this was opened.")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    opened_by_name = models.CharField(max_length=200)
    opened_at = models.DateTimeField(db_default=Now())

    state = models.CharField(max_length=8, choices=State.choices, default=State.BUILDING)
    direct_done = models.BooleanField(default=False)
    after = models.UUIDField(null=True)
    expanded = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    truncated = models.BooleanField(default=False, help_text="There is more than one recall may hold.")
    advanced_at = models.DateTimeField(db_default=Now())
    failures = models.PositiveSmallIntegerField(db_default=0, default=0, help_text="One after another.")
    failure = models.CharField(max_length=300, blank=True, db_default="", default="")

    closed_by_name = models.CharField(max_length=200, blank=True, db_default="")
    closed_at = models.DateTimeField(null=True)
    conclusion = models.CharField(max_length=2000, blank=True, db_default="")

    objects = RecallQuerySet.as_manager()

    class Meta:
        db_table = "runs_recall"
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["project", "-id"], name="recall_newest"),
            models.Index(
                fields=["advanced_at"], name="recall_building", condition=models.Q(state="building")
            ),
        )

    def __str__(self) -> str:
        return self.title


class Case(Immutable):
    """A step that relied on the subject, or came of one that did."""

    class How(models.TextChoices):
        """How the step is connected with `source`, or with the subject itself."""

        DIRECT = "direct", "Relied on it"
        READ = "read", "Read what was affected"
        CHOSEN = "chosen", "Chosen by what was affected"
        PART = "part", "Executed by what was affected"
        FORKED = "forked", "Taken over by a fork"
        REMEMBERED = "remembered", "Read it from memory"

    class Status(models.TextChoices):
        """What has become of it; without a note it is open."""

        OPEN = "open", "Open"
        CHECKED = "checked", "Checked, and right"
        CORRECTED = "corrected", "Corrected"
        NOTIFIED = "notified", "Those concerned were told"
        NO_ACTION = "no_action", "Nothing to be done"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="cases", db_index=False)
    number = models.PositiveIntegerField(help_text="Counts from 1, the nearest to the subject first.")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="+", db_index=False)
    how = models.CharField(max_length=10, choices=How.choices)
    source = models.UUIDField(null=True, help_text="The step that it came of; none where it relied itself.")

    objects = CaseQuerySet.as_manager()

    class Meta:
        db_table = "runs_recall_case"
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=["recall", "number"], name="recall_case_number_once"),
            models.UniqueConstraint(fields=["recall", "step"], name="recall_case_step_once"),
        )

    def __str__(self) -> str:
        return f"case {self.number}"


class CaseNote(Immutable):
    """Somebody settled a case, or said it anew: the newest note holds."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes", db_index=False)
    status = models.CharField(max_length=10, choices=Case.Status.choices)
    note = models.CharField(max_length=1000, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "runs_recall_note"
        ordering = ("-id",)
        indexes = (models.Index(fields=["case", "-id"], name="recall_note_newest"),)

    def __str__(self) -> str:
        return f"{self.status} by {self.by_name}"
