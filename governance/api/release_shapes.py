"""How environments, releases and their decisions look in the API."""

from typing import Any

from rest_framework import serializers

from governance.api.accounts_shapes import OrganisationName, ProjectName
from governance.api.bodies import Body, Query, SlugOrId
from governance.api.catalog_shapes import AssetName, VersionName
from governance.approvals.eligibility import needed, obstacle
from governance.approvals.models import ApprovalRequest, Exclusion, Vote
from governance.releases.models import Activation, Environment, Release


class EnvironmentName(serializers.ModelSerializer[Environment]):
    """An environment, as other objects name it."""

    class Meta:
        model = Environment
        fields: tuple[str, ...] = ("id", "slug", "name", "protected")
        read_only_fields: tuple[str, ...] = fields


class EnvironmentShape(EnvironmentName):
    """A place where releases take effect. A protected one takes approved releases alone."""

    organisation = OrganisationName(read_only=True)

    class Meta(EnvironmentName.Meta):
        fields: tuple[str, ...] = (*EnvironmentName.Meta.fields, "rank", "organisation")
        read_only_fields: tuple[str, ...] = fields


class VoteShape(serializers.ModelSerializer[Vote]):
    """One person's signed decision, bound to a digest."""

    person = serializers.CharField(
        source="person_name", read_only=True, help_text="Printed name at the time."
    )

    class Meta:
        model = Vote
        fields: tuple[str, ...] = ("person", "decision", "meaning", "reason", "digest", "at")
        read_only_fields: tuple[str, ...] = fields


class ExclusionShape(serializers.ModelSerializer[Exclusion]):
    """Somebody who may not decide, and why."""

    person = serializers.CharField(source="person.name", read_only=True)

    class Meta:
        model = Exclusion
        fields: tuple[str, ...] = ("person", "reason")
        read_only_fields: tuple[str, ...] = fields


class ActivationShape(serializers.ModelSerializer[Activation]):
    """A release took effect in its environment."""

    environment = serializers.CharField(source="environment.slug", read_only=True, help_text="The slug.")
    actor = serializers.CharField(source="actor_name", read_only=True, help_text="Printed name at the time.")

    class Meta:
        model = Activation
        fields: tuple[str, ...] = (
            "id",
            "release",
            "environment",
            "kind",
            "sequence",
            "actor",
            "reason",
            "at",
        )
        read_only_fields: tuple[str, ...] = fields


class ReleaseSummary(serializers.ModelSerializer[Release]):
    """A workflow version offered to an environment, as lists show it."""

    project = ProjectName(read_only=True)
    workflow = AssetName(read_only=True)
    version = VersionName(read_only=True)
    environment = EnvironmentName(read_only=True)
    submitted_by = serializers.CharField(
        source="submitted_by.name", read_only=True, help_text="Printed name."
    )
    approval = serializers.UUIDField(
        source="request_id", read_only=True, help_text="The request for approval."
    )
    state = serializers.ChoiceField(
        source="request.state",
        choices=ApprovalRequest.State.choices,
        read_only=True,
        help_text="Where its approval stands.",
    )
    in_effect = serializers.SerializerMethodField(help_text="Whether new runs in the environment use it now.")

    class Meta:
        model = Release
        fields: tuple[str, ...] = (
            "id",
            "number",
            "project",
            "workflow",
            "version",
            "environment",
            "digest",
            "notes",
            "submitted_by",
            "submitted_at",
            "approval",
            "state",
            "in_effect",
        )
        read_only_fields: tuple[str, ...] = fields

    def get_in_effect(self, release: Release) -> bool:
        """From `current_release`, which the query brings along."""
        return bool(getattr(release, "current_release", None) == release.pk)


class ReleaseShape(ReleaseSummary):
    """A release. What is decided on is `digest`, the SHA-256 of the canonical JSON of `closure`."""

    closure = serializers.SerializerMethodField(
        help_text="All it lets run, by SHA-256: the workflow, pinned versions, functions' sources."
    )
    votes = VoteShape(source="request.votes", many=True, read_only=True)
    activations = ActivationShape(many=True, read_only=True)

    class Meta(ReleaseSummary.Meta):
        fields: tuple[str, ...] = (*ReleaseSummary.Meta.fields, "closure", "votes", "activations")
        read_only_fields: tuple[str, ...] = fields

    def get_closure(self, release: Release) -> dict[str, Any]:
        """The stored value."""
        return release.contents


class ApprovalSummary(serializers.ModelSerializer[ApprovalRequest]):
    """A request for a decision on exactly one digest, as lists show it."""

    project = ProjectName(read_only=True)
    requested_by = serializers.CharField(
        source="requested_by.name", read_only=True, help_text="Printed name."
    )
    release = serializers.UUIDField(source="release.pk", read_only=True)

    class Meta:
        model = ApprovalRequest
        fields: tuple[str, ...] = (
            "id",
            "project",
            "subject",
            "release",
            "digest",
            "quorum",
            "state",
            "requested_by",
            "requested_at",
            "decided_at",
        )
        read_only_fields: tuple[str, ...] = fields


class ApprovalShape(ApprovalSummary):
    """A request, its votes, and whether you could decide it at the browser."""

    votes = VoteShape(many=True, read_only=True)
    excluded = ExclusionShape(source="exclusions", many=True, read_only=True)
    needed = serializers.SerializerMethodField(help_text="How many more approvals it needs.")
    obstacle = serializers.SerializerMethodField(
        help_text="What keeps you from deciding; empty when nothing does."
    )

    class Meta(ApprovalSummary.Meta):
        fields: tuple[str, ...] = (*ApprovalSummary.Meta.fields, "votes", "excluded", "needed", "obstacle")
        read_only_fields: tuple[str, ...] = fields

    def get_needed(self, request: ApprovalRequest) -> int:
        """Counted from the stored votes."""
        return needed(request)

    def get_obstacle(self, request: ApprovalRequest) -> str:
        """For the caller."""
        return obstacle(request, self.context["request"].user)


class ReleaseQuery(Query):
    """Which releases."""

    project = SlugOrId(required=False, help_text="A project's slug or identifier.")
    workflow = SlugOrId(required=False, help_text="A workflow's slug or identifier.")
    environment = SlugOrId(required=False, help_text="An environment's slug or identifier.")
    state = serializers.ChoiceField(required=False, choices=ApprovalRequest.State.choices)


class ApprovalQuery(Query):
    """Which requests."""

    project = SlugOrId(required=False, help_text="A project's slug or identifier.")
    state = serializers.ChoiceField(required=False, choices=ApprovalRequest.State.choices)
    waiting_for_me = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Only those that you may decide, which is at the browser, and have not decided.",
    )


class NewRelease(Body):
    """A workflow version to offer to an environment."""

    version = serializers.UUIDField(help_text="A workflow version's identifier.")
    environment = SlugOrId(help_text="An environment's slug or identifier.")
    notes = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)


class Reason(Body):
    """Why; it stands in the ledger."""

    reason = serializers.CharField(max_length=1000)


class RollBackReason(Body):
    """Why one goes back; it stands in the ledger."""

    reason = serializers.CharField(max_length=1000)
