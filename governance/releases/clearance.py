"""The check that nothing else runs in a protected environment. The worker makes it, trusting nothing but the rows."""

from governance.approvals.models import ApprovalRequest
from governance.approvals.services import has_quorum
from governance.errors import DomainError
from governance.ledger.canonical import canonical, sha256_hex
from governance.releases.closure import closure_of
from governance.releases.models import Release


class NotCleared(DomainError):
    """The release may not run where it says it may."""


def check_clearance(release: Release) -> None:
    """Let the release run, or raise `NotCleared` with the reason.

    Recomputes the closure from the stored versions and the code at hand, compares it with what was decided on, and
    counts the stored votes afresh.
    """
    if sha256_hex(bytes(release.closure)) != release.digest:
        raise NotCleared(f"The stored closure of {release} does not have the digest that was decided on.")
    now = closure_of(release.version, environment=release.environment, quorum=release.request.quorum)
    if sha256_hex(canonical(now)) != release.digest:
        raise NotCleared(f"{release} is not what was decided on: {_difference(release.contents, now)}.")
    request = release.request
    if request.digest != release.digest:
        raise NotCleared(f"The decision on {release} was made on another digest.")
    if not release.environment.protected:
        return
    if request.quorum < 1 or request.state != ApprovalRequest.State.APPROVED or not has_quorum(request):
        raise NotCleared(f"{release} is not approved for {release.environment.name}: {request.get_state_display().lower()}.")


def _difference(then: dict[str, object], now: dict[str, object]) -> str:
    parts = [part for part in sorted(set(then) | set(now)) if then.get(part) != now.get(part)]
    words = {
        "functions": "the code of its functions has changed",
        "versions": "a pinned version has changed",
        "workflow": "the workflow version has changed",
        "environment": "the environment's protection has changed",
    }
    return " and ".join(words.get(part, part) for part in parts) or "its form has changed"
