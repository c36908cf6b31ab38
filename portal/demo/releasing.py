"""Assets, versions, and releases that are approved and in effect; each is found, or made. Safe to repeat."""

from typing import Any

from django.db import transaction

from governance.access.permissions import Role
from governance.approvals.models import Vote
from governance.approvals.services import vote
from governance.catalog.models import Asset, Version
from governance.catalog.services import create_asset, create_version
from governance.releases.clearance import NotCleared, check_clearance
from governance.releases.models import Release
from governance.releases.services import activate, submit_release
from portal.demo.cast import Cast


def asset(cast: Cast, kind: Asset.Kind, slug: str, purpose: str = "") -> Asset:
    """The asset of this slug, made by the author."""
    found = Asset.objects.filter(project=cast.project, kind=kind, slug=slug).first()
    author = cast.people[Role.AUTHOR]
    return found or create_asset(cast.project, actor=author, kind=kind, slug=slug, purpose=purpose)


def version(cast: Cast, of: Asset, number: int, content: dict[str, Any], message: str) -> Version:
    """The version of this number, written by the author."""
    found = of.versions.filter(number=number).first()
    author = cast.people[Role.AUTHOR]
    return found or create_version(of, actor=author, content=content, message=message)


@transaction.atomic  # a start that is killed in between leaves no release that waits for good
def released(cast: Cast, of: Version, notes: str, reason: str) -> Release:
    """The newest release of the version that a worker would run; a new one where code has changed since."""
    production = cast.environments["production"]
    for found in Release.objects.filter(version=of, environment=production).order_by("-number"):
        if _cleared(found):
            return found
    release = submit_release(of, actor=cast.people[Role.AUTHOR], environment=production, notes=notes)
    vote(
        release.request,
        actor=cast.people[Role.APPROVER],
        decision=Vote.Decision.APPROVE,
        reason=reason,
        digest=release.digest,
    )
    return Release.objects.get(pk=release.pk)


def put_into_effect(cast: Cast, release: Release, *, reason: str) -> None:
    """Activate the release unless it has been in effect already."""
    if not release.activations.exists():
        activate(release, actor=cast.people[Role.OPERATOR], reason=reason)


def _cleared(release: Release) -> bool:
    try:
        check_clearance(release)
    except NotCleared:
        return False
    return True
