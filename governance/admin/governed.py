"""What is governed and what is recorded: to read, never to add, change or delete, not even for superusers."""

from django.contrib import admin

from governance.admin.gate import OwnerAdmin
from governance.approvals.models import ApprovalRequest, Vote
from governance.catalog.models import Asset, Version
from governance.ledger.models import Event
from governance.releases.models import Activation, Release


@admin.register(Asset)
class AssetAdmin(OwnerAdmin):
    """Prompts, models and workflows."""

    organisation_path = "project__organisation"
    list_display = ("slug", "kind", "project", "created_by", "created_at")
    list_filter = ("kind",)
    list_select_related = ("project", "created_by")
    search_fields = ("slug", "purpose")
    shown = ("slug", "kind", "project", "purpose", "created_by", "created_at")


@admin.register(Version)
class VersionAdmin(OwnerAdmin):
    """Their versions; the content is read on the portal's own pages."""

    organisation_path = "asset__project__organisation"
    list_display = ("__str__", "author_name", "digest", "created_at")
    list_select_related = ("asset",)
    search_fields = ("asset__slug", "digest")
    shown = ("asset", "number", "digest", "message", "author_name", "created_at")


@admin.register(Release)
class ReleaseAdmin(OwnerAdmin):
    """Releases."""

    organisation_path = "project__organisation"
    list_display = ("__str__", "version", "environment", "submitted_by", "submitted_at")
    list_select_related = ("workflow", "version__asset", "environment", "submitted_by")
    shown = (
        "workflow",
        "number",
        "version",
        "environment",
        "digest",
        "notes",
        "submitted_by",
        "submitted_at",
    )


@admin.register(Activation)
class ActivationAdmin(OwnerAdmin):
    """When releases took effect."""

    organisation_path = "release__project__organisation"
    list_display = ("release", "kind", "environment", "actor_name", "at")
    list_select_related = ("release__workflow", "environment")
    shown = ("release", "kind", "environment", "sequence", "actor_name", "reason", "at")


@admin.register(ApprovalRequest)
class ApprovalRequestAdmin(OwnerAdmin):
    """Requests for a decision; decided on the portal's review page alone."""

    organisation_path = "project__organisation"
    list_display = ("subject", "state", "quorum", "requested_by", "requested_at", "decided_at")
    list_filter = ("state",)
    list_select_related = ("requested_by",)
    shown = ("subject", "project", "digest", "quorum", "state", "requested_by", "requested_at", "decided_at")


@admin.register(Vote)
class VoteAdmin(OwnerAdmin):
    """Decisions."""

    organisation_path = "request__project__organisation"
    list_display = ("person_name", "decision", "request", "at")
    list_select_related = ("request",)
    shown = ("request", "person_name", "decision", "meaning", "reason", "digest", "at")


@admin.register(Event)
class EventAdmin(OwnerAdmin):
    """The ledger."""

    list_display = ("at", "kind", "actor_name", "object_type", "object_id")
    list_filter = ("kind",)
    search_fields = ("actor_name",)
    shown = ("at", "kind", "actor_name", "object_type", "object_id", "run", "facts", "leaf_digest")

    @admin.display(description="details")
    def facts(self, event: Event) -> str:
        """The event's own facts."""
        return ", ".join(f"{name}: {value}" for name, value in event.details.items())

    @admin.display(description="record digest")
    def leaf_digest(self, event: Event) -> str:
        """The leaf hash in hexadecimal digits."""
        return bytes(event.leaf).hex()
