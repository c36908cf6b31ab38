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
from governance.proof.models import (
    Checkpoint,
    Cosignature,
    Freeze,
    Log,
    LogKey,
    Position,
    Sequencing,
    Thaw,
    Tile,
    Verification,
)
from governance.releases.models import Activation, Environment, Opening, Release

__all__ = [
    "Activation",
    "ApiToken",
    "ApprovalRequest",
    "Asset",
    "AssetGroupObjectPermission",
    "AssetUserObjectPermission",
    "Checkpoint",
    "Cosignature",
    "Environment",
    "Event",
    "Exclusion",
    "Freeze",
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
    "Thaw",
    "Tile",
    "User",
    "Verification",
    "Version",
    "Vote",
]
