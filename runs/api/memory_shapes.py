"""How what runs remember looks in the API, and what is asked of it."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.api.accounts_shapes import ProjectName
from governance.api.bodies import Query, SlugOrId
from governance.api.release_shapes import EnvironmentName
from runs.artifacts.store import OCTETS
from runs.memory.models import Entry
from runs.memory.reading import reads_of
from runs.reading.reading import Reading

MOST_READERS = 20


def is_told(entry: Entry) -> bool:
    """Whether an answer can say what the version holds, to who may see it: text that is still there."""
    return entry.artifact.media_type != OCTETS and entry.artifact.pruned_at is None


class MemoryQuery(Query):
    """Which versions of which values."""

    project = SlugOrId(required=False, help_text="A project's slug or identifier.")
    environment = SlugOrId(required=False, help_text="An environment's slug or identifier.")
    namespace = serializers.CharField(required=False, max_length=40)
    key = serializers.CharField(required=False, max_length=200)
    as_of = serializers.UUIDField(required=False, help_text="A run: what it reads is what was there then.")
    every_version = serializers.BooleanField(
        required=False, default=False, help_text="Those too that no longer hold."
    )


class MemorySummary(serializers.ModelSerializer[Entry]):
    """A version of a remembered value, as lists show it."""

    project = ProjectName(read_only=True)
    environment = EnvironmentName(read_only=True)
    sha256 = serializers.CharField(source="artifact.sha256", read_only=True, help_text="Of what it says.")
    media_type = serializers.CharField(source="artifact.media_type", read_only=True)
    size = serializers.IntegerField(source="artifact.size", read_only=True, help_text="Bytes.")
    run = serializers.UUIDField(source="step.run_id", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Entry
        fields: tuple[str, ...] = (
            "id",
            "project",
            "environment",
            "namespace",
            "key",
            "number",
            "sequence",
            "classification",
            "sha256",
            "media_type",
            "size",
            "run",
            "step",
            "restores",
            "author_name",
            "reason",
            "at",
        )
        read_only_fields: tuple[str, ...] = fields


class MemoryReader(serializers.Serializer[object]):
    """A step that read the version."""

    run = serializers.UUIDField(source="step.run_id")
    step = serializers.UUIDField(source="step_id")
    name = serializers.CharField(help_text="The parameter that took it.")


class MemoryShape(MemorySummary):
    """A version with what it says and who read it."""

    text = serializers.SerializerMethodField(
        help_text="What it says, when it is text or JSON; null while it is masked, and once it was removed."
    )
    masked = serializers.SerializerMethodField(
        help_text="Whether it is left out, being confidential or personal: reveal it, see `/reveals/`."
    )
    read_by = serializers.SerializerMethodField(help_text=f"The newest {MOST_READERS} within reach.")

    class Meta(MemorySummary.Meta):
        fields: tuple[str, ...] = (*MemorySummary.Meta.fields, "text", "masked", "read_by")
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_text(self, entry: Entry) -> str | None:
        """Its digest is recomputed for this answer."""
        reading: Reading = self.context["reading"]
        if not is_told(entry) or entry.artifact_id in reading.masked:
            return None
        return reading.bytes_of(entry.artifact).decode("utf-8")

    def get_masked(self, entry: Entry) -> bool:
        """For the caller, now."""
        reading: Reading = self.context["reading"]
        return entry.artifact_id in reading.masked

    @extend_schema_field(MemoryReader(many=True))
    def get_read_by(self, entry: Entry) -> Any:
        """The newest first."""
        edges = reads_of(entry, actor=self.context["request"].user).select_related("step")
        return MemoryReader(edges.order_by("-id")[:MOST_READERS], many=True).data
