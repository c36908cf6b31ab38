"""Rules, holds and who lifted them, and what was removed."""

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from governance.accounts.models import Organisation, Project
from governance.ledger.identity import uuid7
from governance.ledger.immutable import Immutable
from runs.artifacts.models import Artifact
from runs.retention.querysets import ErasureQuerySet, HoldQuerySet, RuleQuerySet

# Records of what a system did are kept for six months at least (Regulation (EU) 2024/1689, Article 26(6)).
FEWEST_DAYS: Final = 183
MOST_DAYS: Final = 36_500


class Decided(Immutable):
    """Somebody decided something, and said why."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=2000, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True


class Rule(Decided):
    """So many days after their last use contents of a class are removed; the newest rule of a class counts.

    Without `days` they are kept.
    """

    classification = models.CharField(max_length=12, choices=Artifact.Classification.choices)
    days = models.PositiveIntegerField(null=True)

    objects = RuleQuerySet.as_manager()

    class Meta:
        db_table = "runs_retention_rule"
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=["organisation", "classification", "-at", "-id"], name="rule_newest"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(days=None) | Q(days__gte=FEWEST_DAYS, days__lte=MOST_DAYS), name="rule_days"
            ),
        )

    def __str__(self) -> str:
        return f"{self.days} days" if self.days else "kept"


class Hold(Decided):
    """Contents that may be evidence are kept, whatever a rule says, until two people lift the hold.

    `key` is the run's or the workflow's identifier, the project's, or the reference; a period has none.
    Without a project it is about the whole organisation.
    """

    class Scope(models.TextChoices):
        """Whose contents."""

        RUN = "run", "A run"
        REFERENCE = "reference", "A reference"
        WORKFLOW = "workflow", "A workflow"
        PROJECT = "project", "A project"
        PERIOD = "period", "A period"

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    scope = models.CharField(max_length=9, choices=Scope.choices)
    key = models.CharField(max_length=200, blank=True)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    name = models.CharField(max_length=300, help_text="What it was about is called, when it was placed.")

    objects = HoldQuerySet.as_manager()

    class Meta:
        db_table = "runs_hold"
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=["organisation", "-at", "-id"], name="hold_newest"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(scope="period", key="", since__isnull=False, until__gte=models.F("since"))
                | ~Q(scope="period") & ~Q(key="") & Q(since=None, until=None),
                name="hold_is_about_something",
            ),
            models.CheckConstraint(
                condition=Q(scope__in=["reference", "period"]) | Q(project__isnull=False),
                name="hold_in_its_project",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_scope_display()}: {self.name}"


class LiftAsked(Decided):
    """One of two people asks that a hold end."""

    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="asked", db_index=False)

    class Meta:
        db_table = "runs_lift_asked"
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=["hold", "-at"], name="lift_asked_newest"),)

    def __str__(self) -> str:
        return f"asked by {self.by_name}"


class HoldLift(Decided):
    """The other one confirms it, and the hold has ended."""

    hold = models.OneToOneField(Hold, on_delete=models.PROTECT, related_name="lift")
    asked = models.OneToOneField(LiftAsked, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "runs_hold_lift"

    def __str__(self) -> str:
        return f"lifted by {self.by_name}"


class Erasure(Immutable):
    """Contents whose time is over, announced together: they are removed from `removes_from` on."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    contents = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the contents' digests, sorted.")
    removes_from = models.DateTimeField()
    at = models.DateTimeField(db_default=Now())

    objects = ErasureQuerySet.as_manager()

    class Meta:
        db_table = "runs_erasure"
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=["organisation", "-at", "-id"], name="erasure_newest"),)

    def __str__(self) -> str:
        return f"{self.contents} contents"


class ErasureContent(models.Model):
    """One of these contents, and what became of it. `place` is where its file is, until that is gone."""

    class Outcome(models.TextChoices):
        """Of what was announced."""

        REMOVED = "removed", "Removed"
        KEPT = "kept", "Kept"

    class Why(models.TextChoices):
        """Why it was kept after all."""

        USED = "used", "It was used again"
        REMEMBERED = "remembered", "A value in memory needs it"
        HELD = "held", "A hold stands"
        UNRULED = "unruled", "The rule changed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    erasure = models.ForeignKey(Erasure, on_delete=models.PROTECT, related_name="listed", db_index=False)
    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, related_name="+", db_index=False)
    classification = models.CharField(max_length=12, choices=Artifact.Classification.choices)
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="+", db_index=False)
    place = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True, db_default="")
    why = models.CharField(max_length=10, choices=Why.choices, blank=True, db_default="")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "runs_erasure_content"
        constraints = (models.UniqueConstraint(fields=["erasure", "artifact"], name="erasure_content_once"),)
        indexes = (
            models.Index(fields=["erasure"], name="erasure_content_open", condition=Q(outcome="")),
            models.Index(
                fields=["settled_at"],
                name="erasure_content_filed",
                condition=Q(outcome="removed") & ~Q(place=""),
            ),
        )

    def __str__(self) -> str:
        return str(self.artifact_id)


class Walk(models.Model):
    """How far the sweeper has looked through the runs for contents whose time is over."""

    after = models.UUIDField(help_text="The last run that it looked at.")
    ended_at = models.DateTimeField(null=True, help_text="When it last came to the newest run.")

    class Meta:
        db_table = "runs_retention_walk"

    def __str__(self) -> str:
        return str(self.after)
