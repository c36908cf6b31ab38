"""How runs, their steps and their events look in the API."""

from typing import Any

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.api.accounts_shapes import ProjectName
from governance.api.catalog_shapes import AssetName, VersionName
from governance.api.release_shapes import EnvironmentName
from governance.ledger.models import Event
from governance.releases.models import Release
from runs.artifacts.models import Artifact
from runs.durable.why import why_not_moving
from runs.records.models import Run, RunInput, Step
from runs.records.used import used_of
from runs.replay.experiment import replaced_by


class ArtifactName(serializers.ModelSerializer[Artifact]):
    """Content, addressed by its SHA-256."""

    content = serializers.SerializerMethodField(help_text="Where to download it.")
    removed_at = serializers.DateTimeField(
        source="pruned_at",
        read_only=True,
        allow_null=True,
        help_text="When its bytes were removed, their time being over.",
    )

    class Meta:
        model = Artifact
        fields = ("id", "sha256", "media_type", "size", "content", "removed_at")
        read_only_fields = fields

    def get_content(self, artifact: Artifact) -> str:
        """Its address."""
        return reverse("api:artifact-content", args=[artifact.pk])


class ReleaseName(serializers.ModelSerializer[Release]):
    """The release that a run was started under."""

    class Meta:
        model = Release
        fields = ("id", "number", "digest")
        read_only_fields = fields


class StampedApproval(serializers.Serializer[object]):
    """A decision on the release, as stamped on the run when it was started."""

    person = serializers.UUIDField()
    name = serializers.CharField()
    decision = serializers.CharField()
    meaning = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()
    digest = serializers.CharField()


class Failure(serializers.Serializer[object]):
    """What stopped a run or a step, and what to do."""

    code = serializers.CharField()
    title = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)
    node = serializers.CharField(allow_blank=True, required=False)


class _WithParts(serializers.Field):  # type: ignore[type-arg]
    """A sum over the run and its parts."""

    def get_attribute(self, run: Run) -> Any:
        """The sum of this name."""
        return getattr(used_of(run), str(self.field_name))


class Count(_WithParts, serializers.IntegerField):
    """A number of tokens."""


class Amount(_WithParts, serializers.DecimalField):
    """What they cost."""


class Whether(_WithParts, serializers.BooleanField):
    """Whether all of it had a price."""


class RunSummary(serializers.ModelSerializer[Run]):
    """A run, as lists show it. What its parts used is counted with it."""

    project = ProjectName(read_only=True)
    workflow = AssetName(read_only=True)
    version = VersionName(read_only=True)
    release = ReleaseName(read_only=True)
    environment = EnvironmentName(read_only=True)
    error = Failure(read_only=True, allow_null=True)
    waits_for = serializers.ChoiceField(
        Run.WaitsFor.choices, read_only=True, allow_blank=True, help_text="What a waiting run waits for."
    )
    asked = serializers.ChoiceField(
        Run.Asked.choices, read_only=True, allow_blank=True, help_text="What it does after its present step."
    )
    overrides = serializers.DictField(
        child=serializers.DictField(child=serializers.UUIDField()),
        read_only=True,
        help_text="Of an experiment: the versions that nobody approved, by node and kind. Else empty.",
    )
    tokens_in = Count(read_only=True)
    tokens_out = Count(read_only=True)
    cost = Amount(read_only=True, max_digits=18, decimal_places=9)
    priced = Whether(read_only=True, help_text="False when a step had no price to be costed with.")

    class Meta:
        model = Run
        fields: tuple[str, ...] = (
            "id",
            "project",
            "workflow",
            "version",
            "release",
            "environment",
            "reference",
            "origin",
            "started_by_name",
            "state",
            "waits_for",
            "wake_at",
            "asked",
            "error",
            "tokens_in",
            "tokens_out",
            "cost",
            "priced",
            "priority",
            "deadline_at",
            "parent",
            "parent_position",
            "first_item",
            "end_item",
            "source",
            "source_position",
            "overrides",
            "created_at",
            "started_at",
            "finished_at",
        )
        read_only_fields: tuple[str, ...] = fields


class RunInputShape(serializers.ModelSerializer[RunInput]):
    """What a run was started with."""

    artifact = ArtifactName(read_only=True)

    class Meta:
        model = RunInput
        fields = ("name", "filename", "classification", "artifact")
        read_only_fields = fields


class StepShape(serializers.ModelSerializer[Step]):
    """One committed attempt at one node."""

    prompt_version = VersionName(read_only=True, allow_null=True)
    model_version = VersionName(read_only=True, allow_null=True)
    output = ArtifactName(read_only=True, allow_null=True)
    error = Failure(read_only=True, allow_null=True)
    facts = serializers.DictField(read_only=True, help_text="Finish reason, reported model and the like.")

    class Meta:
        model = Step
        fields = (
            "id",
            "node",
            "kind",
            "position",
            "attempt",
            "item",
            "compensates",
            "state",
            "function",
            "prompt_version",
            "model_version",
            "output",
            "classification",
            "chosen",
            "facts",
            "error",
            "tokens_in",
            "tokens_out",
            "cost",
            "started_at",
            "finished_at",
            "latency_ms",
        )
        read_only_fields = fields


class ReplacedShape(serializers.Serializer[object]):
    """A version that a node uses in place of the one that its workflow pins; nobody approved it."""

    node = serializers.CharField()
    kind = serializers.CharField(help_text="prompt or model")
    version = VersionName()


class RunShape(RunSummary):
    """A run with everything that was recorded of it; its events have an address of their own."""

    closure_digest = serializers.CharField(read_only=True, help_text="SHA-256 of what the release let run.")
    approvals = StampedApproval(many=True, read_only=True)
    replaced = serializers.SerializerMethodField(
        help_text="Experiment: runs these versions, which nobody approved. Else empty."
    )
    inputs = RunInputShape(many=True, read_only=True)
    steps = serializers.SerializerMethodField(help_text="The newest 200; all have an address of their own.")
    output = ArtifactName(read_only=True, allow_null=True)
    why_not_moving = serializers.SerializerMethodField(help_text="What it waits for, or what stopped it.")

    class Meta(RunSummary.Meta):
        fields = (
            *RunSummary.Meta.fields,
            "closure_digest",
            "approvals",
            "replaced",
            "inputs",
            "steps",
            "output",
            "why_not_moving",
        )
        read_only_fields = fields

    @extend_schema_field(ReplacedShape(many=True))
    def get_replaced(self, run: Run) -> Any:
        """By node."""
        return ReplacedShape(replaced_by(run), many=True).data

    @extend_schema_field(StepShape(many=True))
    def get_steps(self, run: Run) -> Any:
        """In the order in which they were made."""
        newest: list[Step] = getattr(run, "newest_steps", [])
        return StepShape(newest[::-1], many=True).data

    def get_why_not_moving(self, run: Run) -> str:
        """Empty when it is done."""
        return why_not_moving(run)


class EventShape(serializers.ModelSerializer[Event]):
    """An entry of the ledger."""

    details = serializers.SerializerMethodField(help_text="The event's own facts.")
    leaf = serializers.SerializerMethodField(help_text="SHA-256(0x00 || record), hexadecimal (RFC 6962).")

    class Meta:
        model = Event
        fields = ("id", "at", "kind", "actor", "actor_name", "object_type", "object_id", "details", "leaf")
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_details(self, event: Event) -> dict[str, Any]:
        """As recorded."""
        return event.details

    def get_leaf(self, event: Event) -> str:
        """The leaf hash."""
        return bytes(event.leaf).hex()
