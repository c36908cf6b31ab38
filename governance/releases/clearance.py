"""The check that nothing else runs in a protected environment. The worker makes it, trusting only rows."""

from typing import Any
from uuid import UUID

from pydantic import ValidationError

from governance.approvals.eligibility import has_quorum
from governance.approvals.models import ApprovalRequest
from governance.catalog.models import Version
from governance.errors import DomainError
from governance.ledger.canonical import canonical, sha256_hex
from governance.releases.closure import authors_of, closure_of, pinned_versions
from governance.releases.models import Release


class NotCleared(DomainError):
    """The release may not run where it says it may."""


def check_clearance(release: Release) -> None:
    """Let the release run, or raise `NotCleared` with the reason.

    Recomputes the closure from the stored versions and the code at hand, compares it with what was decided
    on, and counts the stored votes afresh, without those of anybody who wrote or submitted a part.
    """
    if sha256_hex(bytes(release.closure)) != release.digest:
        raise NotCleared(f"What is stored of {release} does not have the release digest that was decided on.")
    parts = pinned_versions(release.version)
    now = _closure(release, parts)
    if sha256_hex(canonical(now)) != release.digest:
        raise NotCleared(f"{release} is not what was decided on: {_difference(release.contents, now)}.")
    if release.request.digest != release.digest:
        raise NotCleared(f"The decision on {release} was made on another release digest.")
    if release.environment.protected:
        _check_decision(release, {*authors_of(parts), release.submitted_by_id})


def _closure(release: Release, parts: list[Version]) -> dict[str, Any]:
    try:
        return closure_of(parts, environment=release.environment, quorum=release.request.quorum)
    except ValidationError as problem:
        raise NotCleared(f"The stored content of {release.version} cannot be read any more.") from problem


def _check_decision(release: Release, barred: set[UUID]) -> None:
    request = release.request
    approved = request.quorum >= 1 and request.state == ApprovalRequest.State.APPROVED
    if not approved or not has_quorum(request, barred=barred):
        state = request.get_state_display().lower()
        raise NotCleared(f"{release} does not have the approvals that {release.environment} needs: {state}.")


def _difference(then: dict[str, object], now: dict[str, object]) -> str:
    parts = [part for part in sorted(set(then) | set(now)) if then.get(part) != now.get(part)]
    words = {
        "functions": "the code of its functions has changed",
        "versions": "a pinned version has changed",
        "workflow": "the workflow version has changed",
        "environment": "the environment's protection has changed",
    }
    return " and ".join(words.get(part, part) for part in parts) or "its form has changed"
