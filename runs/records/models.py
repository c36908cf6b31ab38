"""The run and its steps: what a person sees, what the engine moves forward."""

from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from governance.accounts.models import Organisation, Project
from governance.catalog.models import Asset, Version
from governance.ledger.identity import uuid7
from governance.ledger.immutable import Immutable
from governance.releases.models import Environment, Release
from runs.artifacts.models import Artifact
from runs.records.failure import FailureField
from runs.records.line import CLAIMABLE, IN_LINE
from runs.records.querysets import RunInputQuerySet, RunQuerySet, StepQuerySet


class Run(models.Model):
    """One execution of a released workflow version.

    The release, its digest and its approvals are stamped when the run starts. `cursor` is the key of the node
    to execute next; `position` counts committed steps. What stands under "the engine's" belongs to
    `runs.durable`. A run may be a part of another, its `parent`: a workflow that a step runs, or a slice of
    the items of a map.
    """

    class State(models.TextChoices):
        """The allowed transitions stand in `runs.durable.machine` and in a trigger."""

        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        WAITING = "waiting", "Waiting"
        READY = "ready", "Ready to go on"
        PAUSED = "paused", "Paused"
        NEEDS_REVIEW = "needs_review", "Needs review"
        COMPENSATING = "compensating", "Compensating"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        QUARANTINED = "quarantined", "Quarantined"
        COMPENSATED = "compensated", "Compensated"
        COMPENSATION_FAILED = "compensation_failed", "Compensation failed"

    class WaitsFor(models.TextChoices):
        """What a waiting run waits for."""

        TIMER = "timer", "A time"
        EVENT = "event", "A signal"
        PERSON = "person", "A person"
        RETRY = "retry", "The next attempt"
        PARTS = "parts", "Its parts"
        LIMIT = "limit", "Room at a provider"
        WORKER = "worker", "A capable worker"

    class Asked(models.TextChoices):
        """What an operator has asked of a run while a worker holds it."""

        PAUSE = "pause", "Pause"
        CANCEL = "cancel", "Cancel"

    class Origin(models.TextChoices):
        """Where the run was started."""

        PAGE = "page", "Page"
        API = "api", "API"
        COMMAND = "command", "Command line"
        SUBRUN = "subrun", "Step of a run"
        ITEMS = "items", "Items of a map"
        FORK = "fork", "Fork"
        REPLAY = "replay", "Replay"
        SCHEDULE = "schedule", "Schedule"
        WEBHOOK = "webhook", "Webhook"
        IMPORT = "import", "Import"

    class Pool(models.TextChoices):
        """Which workers execute the node at the cursor."""

        IO = "io", "Waits for others"
        CPU = "cpu", "Computes"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # None of these has an index of its own: the ones below begin with them, and each costs every checkpoint.
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="runs", db_index=False)
    workflow = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="runs", db_index=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="runs", db_index=False)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="runs", db_index=False)
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="+", db_index=False)
    closure_digest = models.CharField(max_length=64)
    approvals = models.JSONField(default=list, help_text="Who approved the release, as stamped at the start.")
    reference = models.CharField(max_length=200, blank=True)
    idempotency_key = models.CharField(max_length=200, null=True)  # noqa: DJ001 - NULL means "none", and is not unique
    request_digest = models.CharField(max_length=64)
    origin = models.CharField(max_length=10, choices=Origin.choices)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    started_by_name = models.CharField(max_length=200)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="parts", db_index=False
    )
    parent_position = models.PositiveIntegerField(
        null=True, help_text="Of the parent's step that it is a part of."
    )
    first_item = models.PositiveIntegerField(null=True, help_text="Of a slice: its first item, from 0.")
    end_item = models.PositiveIntegerField(null=True, help_text="Of a slice: the item after its last one.")
    source = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="derived", db_index=False
    )
    source_position = models.PositiveIntegerField(
        null=True, help_text="Of a fork: its first step of its own."
    )
    overrides = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    priority = models.PositiveSmallIntegerField(
        default=5, db_default=5, help_text="0 to 9, the higher the sooner."
    )
    deadline_at = models.DateTimeField(null=True)
    memory_snapshot = models.BigIntegerField(
        null=True, help_text="What the run reads of memory is as of this."
    )

    recalls_from = models.ForeignKey(
        Environment,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Of a replay or an experiment: where its source reads memory. It leaves nothing there.",
    )

    state = models.CharField(max_length=20, choices=State.choices, default=State.QUEUED)
    cursor = models.CharField(max_length=60)
    position = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=1, help_text="Of the node at the cursor; counts from 1.")
    error = FailureField(null=True)
    output = models.ForeignKey(
        Artifact, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    tokens_in = models.PositiveBigIntegerField(default=0)
    tokens_out = models.PositiveBigIntegerField(default=0)
    cost = models.DecimalField(max_digits=18, decimal_places=9, default=0)
    priced = models.BooleanField(default=True, help_text="False when a step had no price to be costed with.")

    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    # The engine's: who executes it, and what it waits for.
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    lease_epoch = models.PositiveIntegerField(default=0)
    recoveries = models.PositiveIntegerField(default=0)
    pool = models.CharField(max_length=3, choices=Pool.choices, default=Pool.IO, db_default=Pool.IO)
    ready_at = models.DateTimeField(db_default=Now(), help_text="Since when it could be executed.")
    waits_for = models.CharField(max_length=10, choices=WaitsFor.choices, blank=True, db_default="")
    waits_since = models.DateTimeField(null=True)
    wake_at = models.DateTimeField(null=True, help_text="When it goes on by itself.")
    set_aside = models.JSONField(
        null=True, help_text="What it waited for before it had to wait for a capable worker."
    )
    nudges = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text="What came from outside; it falls asleep only when none came meanwhile.",
    )
    asked = models.CharField(max_length=6, choices=Asked.choices, blank=True, db_default="")
    asking = models.CharField(
        max_length=40,
        blank=True,
        db_default="",
        help_text="The limit of whom it asks, or waits to ask.",
    )

    objects = RunQuerySet.as_manager()

    class Meta:
        db_table = "runs_run"
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["project", "idempotency_key"], name="run_idempotency_key_once"),
        )
        indexes = (
            models.Index(fields=["project", "-id"], name="run_newest"),
            models.Index(fields=["project", "state", "-id"], name="run_by_state"),
            models.Index(fields=["workflow", "-id"], name="run_by_workflow"),
            models.Index(fields=["release", "-id"], name="run_by_release"),
            models.Index(fields=["reference"], name="run_by_reference", condition=~Q(reference="")),
            models.Index(
                fields=["parent", "parent_position"], name="run_parts", condition=Q(parent__isnull=False)
            ),
            models.Index(fields=["source"], name="run_derived", condition=Q(source__isnull=False)),
            models.Index(fields=["lease_until"], name="run_leased", condition=Q(lease_until__isnull=False)),
            models.Index(fields=["wake_at"], name="run_waking", condition=Q(wake_at__isnull=False)),
            CLAIMABLE,
            IN_LINE,
            models.Index(
                fields=["deadline_at"],
                name="run_overdue",
                condition=Q(deadline_at__isnull=False, finished_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return str(self.id)

    @property
    def memory_of(self) -> UUID:
        """The environment whose memory it reads."""
        return self.recalls_from_id or self.environment_id


class RunInput(Immutable):
    """A document or value that a run was started with."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="inputs", db_index=False)
    name = models.CharField(max_length=40)
    filename = models.CharField(max_length=200, blank=True)
    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, related_name="+", db_index=False)
    classification = models.CharField(max_length=12, choices=Artifact.Classification.choices)

    objects = RunInputQuerySet.as_manager()

    class Meta:
        db_table = "runs_run_input"
        constraints = (models.UniqueConstraint(fields=["run", "name"], name="run_input_once"),)
        indexes = (models.Index(fields=["artifact", "classification"], name="run_input_by_artifact"),)

    def __str__(self) -> str:
        return f"{self.name}: {self.filename or self.artifact_id}"


class Step(Immutable):
    """One committed attempt at one node: succeeded, or failed with its error."""

    class State(models.TextChoices):
        """A step is written when it has ended."""

        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(  # `guard_step` lets none in whose run is not there, and no run ever goes
        Run, on_delete=models.PROTECT, related_name="steps", db_index=False, db_constraint=False
    )
    node = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    position = models.PositiveIntegerField()
    attempt = models.PositiveIntegerField()
    item = models.PositiveIntegerField(null=True, help_text="Of a map: which item, from 0.")
    compensates = models.PositiveIntegerField(null=True, help_text="The position of the step that it undoes.")
    state = models.CharField(max_length=12, choices=State.choices)
    function = models.CharField(max_length=80, blank=True)
    prompt_version = models.ForeignKey(
        Version, on_delete=models.PROTECT, null=True, related_name="prompted_steps", db_index=False
    )
    model_version = models.ForeignKey(
        Version, on_delete=models.PROTECT, null=True, related_name="model_steps", db_index=False
    )
    output = models.ForeignKey(
        Artifact, on_delete=models.PROTECT, null=True, related_name="producing_steps", db_index=False
    )
    classification = models.CharField(max_length=12, choices=Artifact.Classification.choices)
    chosen = models.CharField(max_length=60, blank=True, help_text="The node that a branch chose.")
    facts = models.JSONField(default=dict, help_text="Finish reason, reported model, weights and the like.")
    error = FailureField(null=True)
    tokens_in = models.PositiveIntegerField(null=True)
    tokens_out = models.PositiveIntegerField(null=True)
    cost = models.DecimalField(max_digits=18, decimal_places=9, null=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    latency_ms = models.PositiveIntegerField()

    objects = StepQuerySet.as_manager()

    class Meta:
        db_table = "runs_step"
        ordering = ("position", "attempt")
        constraints = (
            models.UniqueConstraint(fields=["run", "position", "attempt"], name="step_attempt_once"),
        )
        indexes = (
            models.Index(
                fields=["prompt_version", "-id"],
                name="step_by_prompt",
                condition=Q(prompt_version__isnull=False),
            ),
            models.Index(
                fields=["model_version", "-id"],
                name="step_by_model",
                condition=Q(model_version__isnull=False),
            ),
            models.Index(fields=["output", "-id"], include=["classification"], name="step_making"),
        )

    def __str__(self) -> str:
        return f"{self.node} of {self.run_id}"
