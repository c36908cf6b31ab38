"""How assets and versions look in the API, and what makes new ones."""

from typing import Any

from rest_framework import serializers

from governance.api.accounts_shapes import ProjectName
from governance.api.bodies import Body, Query, SlugOrId
from governance.catalog.models import Asset, Pin, Version


class AssetName(serializers.ModelSerializer[Asset]):
    """An asset, as other objects name it."""

    class Meta:
        model = Asset
        fields: tuple[str, ...] = ("id", "kind", "slug")
        read_only_fields: tuple[str, ...] = fields


class AssetShape(serializers.ModelSerializer[Asset]):
    """A named prompt, model or workflow; what it says stands in its versions."""

    project = ProjectName(read_only=True)
    created_by = serializers.CharField(source="created_by.name", read_only=True, help_text="Printed name.")
    newest_number = serializers.IntegerField(
        read_only=True,
        allow_null=True,
        default=None,
        help_text="The number of its newest version; null before the first.",
    )
    newest_at = serializers.DateTimeField(read_only=True, allow_null=True, default=None)

    class Meta:
        model = Asset
        fields: tuple[str, ...] = (
            "id",
            "project",
            "kind",
            "slug",
            "purpose",
            "created_by",
            "created_at",
            "newest_number",
            "newest_at",
        )
        read_only_fields: tuple[str, ...] = fields


class AssetQuery(Query):
    """Which assets."""

    kind = serializers.ChoiceField(required=False, choices=Asset.Kind.choices)
    project = SlugOrId(required=False, help_text="A project's slug or identifier.")
    slug = serializers.CharField(required=False, max_length=80, help_text="Exactly this slug.")


class NewAsset(Body):
    """A new name; it has no version yet."""

    project = SlugOrId(help_text="A project's slug or identifier.")
    kind = serializers.ChoiceField(choices=Asset.Kind.choices)
    slug = serializers.CharField(
        max_length=80, help_text="Letters, digits, hyphens, underscores; never changes."
    )
    purpose = serializers.CharField(max_length=400, required=False, default="", allow_blank=True)


class VersionName(serializers.ModelSerializer[Version]):
    """A version, as other objects name it."""

    asset = AssetName(read_only=True)

    class Meta:
        model = Version
        fields: tuple[str, ...] = ("id", "asset", "number", "digest")
        read_only_fields: tuple[str, ...] = fields


class VersionSummary(serializers.ModelSerializer[Version]):
    """A version without its content, as lists show it."""

    author = serializers.CharField(
        source="author_name", read_only=True, help_text="Printed name at the time."
    )

    class Meta:
        model = Version
        fields: tuple[str, ...] = ("id", "number", "digest", "message", "author", "parent", "created_at")
        read_only_fields: tuple[str, ...] = fields


class PinShape(serializers.ModelSerializer[Pin]):
    """A node of a workflow and a version that it uses."""

    version = VersionName(source="pinned", read_only=True)

    class Meta:
        model = Pin
        fields: tuple[str, ...] = ("node", "version")
        read_only_fields: tuple[str, ...] = fields


class VersionShape(VersionSummary):
    """A version. `digest` is the SHA-256 of the canonical JSON (RFC 8785) of `content`."""

    asset = AssetName(read_only=True)
    project = ProjectName(source="asset.project", read_only=True)
    content = serializers.SerializerMethodField(
        help_text="What is hashed. Its shape follows the kind of the asset."
    )
    pins = PinShape(many=True, read_only=True, help_text="The versions that a workflow's nodes use.")

    class Meta(VersionSummary.Meta):
        fields: tuple[str, ...] = (*VersionSummary.Meta.fields, "asset", "project", "content", "pins")
        read_only_fields: tuple[str, ...] = fields

    def get_content(self, version: Version) -> dict[str, Any]:
        """The stored value."""
        return version.document


class NewVersion(Body):
    """The content of the next version, which can never be changed."""

    content = serializers.DictField(
        help_text="A prompt's messages and variables, a model's parameters, or a workflow's graph, "
        "whose llm nodes name their prompt and model as “slug@number”. Fractions are written as text."
    )
    message = serializers.CharField(max_length=400, help_text="What changed, for those who review it.")
