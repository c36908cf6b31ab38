"""The run and its steps: what a person sees, what the engine moves forward."""

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
from runs.records.querysets import RunInputQuerySet, RunQuerySet, StepQuerySet


class Run(models.Model):
    """One execution of a released workflow version.

    The release, its digest and its approvals are stamped when the run starts. `cursor` is the key of the node
    to execute next; `position` counts committed steps. `lease_*` and `recoveries` belong to `runs.durable`.
    """

    class State(models.TextChoices):
        """The allowed transitions stand in `runs.durable.machine` and in a trigger."""

        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    class Origin(models.TextChoices):
        """Where the run was started."""

        PAGE = "page", "Page"
        API = "api", "API"
        COMMAND = "command", "Command line"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="runs")
    workflow = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="runs")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="runs")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="runs")
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="+")
    closure_digest = models.CharField(max_length=64)
    approvals = models.JSONField(default=list, help_text="Who approved the release, as stamped at the start.")
    reference = models.CharField(max_length=200, blank=True)
    idempotency_key = models.CharField(max_length=200, null=True)  # noqa: DJ001 - NULL means "none", and is not unique
    request_digest = models.CharField(max_length=64)
    origin = models.CharField(max_length=10, choices=Origin.choices)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_by_name = models.CharField(max_length=200)

    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    cursor = models.CharField(max_length=60)
    position = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=1, help_text="Of the node at the cursor; counts from 1.")
    error = FailureField(null=True)
    output = models.ForeignKey(Artifact, on_delete=models.PROTECT, null=True, related_name="+")
    tokens_in = models.PositiveBigIntegerField(default=0)
    tokens_out = models.PositiveBigIntegerField(default=0)
    cost = models.DecimalField(max_digits=18, decimal_places=9, default=0)
    priced = models.BooleanField(default=True, help_text="False when a step had no price to be costed with.")

    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    lease_epoch = models.PositiveIntegerField(default=0)
    recoveries = models.PositiveIntegerField(default=0)

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
            models.Index(fields=["reference"], name="run_by_reference"),
            models.Index(fields=["lease_until"], name="run_leased", condition=Q(state="running")),
            models.Index(fields=["id"], name="run_queued", condition=Q(state="queued")),
        )

    def __str__(self) -> str:
        return str(self.id)


class RunInput(Immutable):
    """A document or value that a run was started with."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="inputs")
    name = models.CharField(max_length=40)
    filename = models.CharField(max_length=200, blank=True)
    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, related_name="+")
    classification = models.CharField(max_length=12, choices=Artifact.Classification.choices)

    objects = RunInputQuerySet.as_manager()

    class Meta:
        db_table = "runs_run_input"
        constraints = (models.UniqueConstraint(fields=["run", "name"], name="run_input_once"),)

    def __str__(self) -> str:
        return f"{self.name}: {self.filename or self.artifact_id}"


class Step(Immutable):
    """One committed attempt at one node: succeeded, or failed with its error."""

    class State(models.TextChoices):
        """A step is written when it has ended."""

        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="steps")
    node = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    position = models.PositiveIntegerField()
    attempt = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State.choices)
    function = models.CharField(max_length=80, blank=True)
    prompt_version = models.ForeignKey(
        Version, on_delete=models.PROTECT, null=True, related_name="prompted_steps"
    )
    model_version = models.ForeignKey(
        Version, on_delete=models.PROTECT, null=True, related_name="model_steps"
    )
    output = models.ForeignKey(Artifact, on_delete=models.PROTECT, null=True, related_name="producing_steps")
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
            models.Index(fields=["output", "-id"], name="step_by_output"),
        )

    def __str__(self) -> str:
        return f"{self.node} of {self.run_id}"


class Outbox(models.Model):
    """A run that somebody must look at. The message to the broker is a hint; the sweeper trusts this row.

    The claim deletes it; until then the sweeper announces the run again at `due_at`, and less and less often.
    """

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "runs_outbox"
        indexes = (models.Index(fields=["due_at"], name="outbox_due"),)

    def __str__(self) -> str:
        return str(self.run_id)
