"""The schedule, and each of its firings."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from governance.accounts.models import Project
from governance.catalog.models import Asset
from governance.ledger.identity import uuid7
from governance.ledger.immutable import Immutable
from governance.releases.models import Environment
from runs.records.models import Run
from runs.schedules.querysets import FiringQuerySet, ScheduleQuerySet
from runs.schedules.timing import LEAST_SECONDS, LONGEST_CRON, Timing


class Schedule(models.Model):
    """Starts runs of a workflow in an environment, of whatever release is in effect there, time after time.

    Each start is that of `saved_by`, who last saved or resumed it, and is refused when it would be refused
    to that person. `next_at` is when it fires next, on PostgreSQL's clock; a firing `queued_for` a time waits
    for the end of `last_run`. Every save raises `edition`.
    """

    class State(models.TextChoices):
        """Whether it fires."""

        ON = "on", "On"
        PAUSED = "paused", "Paused"
        RETIRED = "retired", "Retired"

    class Overlap(models.TextChoices):
        """What to do when the run started last is still under way."""

        SKIP = "skip", "Skip it"
        QUEUE = "queue", "Start it when that run ends, at most one"
        ALLOW = "allow", "Start it all the same"

    class CatchUp(models.TextChoices):
        """What becomes of the times at which nobody looked, since the sweeper had stopped."""

        LAST = "last", "Start one run for the last of them"
        NONE = "none", "Leave them out"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+", db_index=False)
    workflow = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="+", db_index=False)
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=80)
    cron = models.CharField(max_length=LONGEST_CRON, blank=True)
    every_s = models.PositiveIntegerField(null=True)
    zone = models.CharField(max_length=64)
    inputs = models.JSONField(default=dict, help_text="A text for each input of the workflow.")
    overlap = models.CharField(max_length=5, choices=Overlap.choices, default=Overlap.SKIP)
    catch_up = models.CharField(max_length=4, choices=CatchUp.choices, default=CatchUp.LAST)
    edition = models.PositiveIntegerField(default=1)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    saved_by_name = models.CharField(max_length=200)
    saved_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(db_default=Now())
    anchor = models.DateTimeField(help_text="What “every so many seconds” counts from.")

    next_at = models.DateTimeField(null=True)
    queued_for = models.DateTimeField(null=True)
    last_run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    paused_at = models.DateTimeField(null=True)
    paused_by_name = models.CharField(max_length=200, blank=True)
    paused_because = models.CharField(max_length=1000, blank=True)
    retired_at = models.DateTimeField(null=True)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        db_table = "runs_schedule"
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["project", "name"], name="schedule_name_once", condition=Q(retired_at=None)
            ),
            models.CheckConstraint(
                condition=Q(every_s=None) & ~Q(cron="") | Q(every_s__gte=LEAST_SECONDS, cron=""),
                name="schedule_timed_once",
            ),
            models.CheckConstraint(
                condition=Q(next_at__isnull=False, paused_at=None, retired_at=None)
                | Q(next_at=None, queued_for=None)
                & (Q(paused_at__isnull=False) | Q(retired_at__isnull=False)),
                name="schedule_fires_while_on",
            ),
        )
        indexes = (
            models.Index(fields=["project", "-id"], name="schedule_newest"),
            models.Index(fields=["next_at"], name="schedule_due", condition=Q(next_at__isnull=False)),
            models.Index(fields=["id"], name="schedule_queued", condition=Q(queued_for__isnull=False)),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def timing(self) -> Timing:
        """When it fires."""
        return Timing(self.zone, cron=self.cron, every_s=self.every_s, anchor=self.anchor)

    @property
    def words(self) -> str:
        """When it fires, for people."""
        return self.timing.words()

    @property
    def state(self) -> "Schedule.State":
        """Whether it fires."""
        if self.retired_at is not None:
            return self.State.RETIRED
        return self.State.ON if self.paused_at is None else self.State.PAUSED

    @property
    def is_on(self) -> bool:
        """Whether it fires."""
        return self.next_at is not None


class Firing(Immutable):
    """What became of a time at which a schedule was due, or of several at which nobody looked."""

    class Outcome(models.TextChoices):
        """Only the first has a run."""

        STARTED = "started", "Started"
        REFUSED = "refused", "Refused"
        SKIPPED = "skipped", "Skipped"
        MISSED = "missed", "Missed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="firings", db_index=False)
    due_at = models.DateTimeField(help_text="The time itself; the first one of several.")
    times = models.PositiveSmallIntegerField(default=1, help_text="How many times it speaks of, to 1,000.")
    at = models.DateTimeField(db_default=Now())
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    reason = models.CharField(max_length=1000, blank=True)
    run = models.OneToOneField(Run, on_delete=models.PROTECT, null=True, related_name="firing")

    objects = FiringQuerySet.as_manager()

    class Meta:
        db_table = "runs_firing"
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["schedule", "due_at"], name="firing_once"),
            models.CheckConstraint(
                condition=Q(outcome="started", run__isnull=False) | ~Q(outcome="started") & Q(run=None),
                name="firing_started_a_run",
            ),
        )
        indexes = (models.Index(fields=["schedule", "-id"], name="firing_newest"),)

    def __str__(self) -> str:
        return f"{self.schedule_id} {self.due_at:%Y-%m-%d %H:%M:%S} {self.outcome}"
