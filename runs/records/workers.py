"""Who executes runs, and who looks after them: rows that the processes themselves keep up to date."""

from django.db import models
from django.db.models.functions import Now

from governance.ledger.identity import uuid7


class Worker(models.Model):
    """A worker that has announced itself; it says every few seconds that it is there.

    One that says nothing any more is dead, or cannot reach the database; the sweeper forgets it after a day.
    """

    class Pool(models.TextChoices):
        """Which steps it executes."""

        IO = "io", "Waits for others"
        CPU = "cpu", "Computes"
        ALL = "all", "Both"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120, help_text="Machine and process.")
    pool = models.CharField(max_length=3, choices=Pool.choices)
    slots = models.PositiveSmallIntegerField(help_text="How many runs it executes at a time.")
    forked = models.BooleanField(help_text="Each slot is a process of its own, not a thread.")
    busy = models.PositiveSmallIntegerField(default=0)
    memory = models.PositiveBigIntegerField(default=0, help_text="Of its largest process, in bytes.")
    version = models.CharField(max_length=40)
    functions = models.PositiveSmallIntegerField(help_text="How many step functions it knows.")
    functions_sha256 = models.CharField(max_length=64, help_text="Of their names and sources.")
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    left_at = models.DateTimeField(null=True, help_text="When it ended in order.")

    class Meta:
        db_table = "runs_worker"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


class SweeperPass(models.Model):
    """The sweeper's last pass, and the last one that found something: a single row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()
    by = models.CharField(max_length=120)
    took_ms = models.PositiveIntegerField()
    found_at = models.DateTimeField(null=True)
    found = models.JSONField(default=dict, help_text="How many runs were taken back, given up, woken.")

    class Meta:
        db_table = "runs_sweeper_pass"

    def __str__(self) -> str:
        return f"{self.by} at {self.at}"
