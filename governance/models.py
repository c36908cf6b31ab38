"""Every model of the package, once, for Django."""

from governance.access.models import (
    ApiToken,
    Grant,
    ProjectGroupObjectPermission,
    ProjectUserObjectPermission,
    Refusal,
)
from governance.accounts.models import Organisation, Project, Team, User
from governance.approvals.models import ApprovalRequest, Exclusion, Vote
from governance.catalog.models import (
    Asset,
    AssetGroupObjectPermission,
    AssetUserObjectPermission,
    Pin,
    Version,
)
from governance.ledger.models import Event
from governance.proof.models import Checkpoint, Log, LogKey, Position, Sequencing, Tile
from governance.releases.models import Activation, Environment, Opening, Release

__all__ = [
    "Activation",
    "ApiToken",
    "ApprovalRequest",
    "Asset",
    "AssetGroupObjectPermission",
    "AssetUserObjectPermission",
    "Checkpoint",
    "Environment",
    "Event",
    "Exclusion",
    "Grant",
    "Log",
    "LogKey",
    "Opening",
    "Organisation",
    "Pin",
    "Position",
    "Project",
    "ProjectGroupObjectPermission",
    "ProjectUserObjectPermission",
    "Refusal",
    "Release",
    "Sequencing",
    "Team",
    "Tile",
    "User",
    "Version",
    "Vote",
]
