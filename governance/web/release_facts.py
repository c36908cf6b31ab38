"""How a release stands, and the strip of facts at the top of its page."""

from dataclasses import dataclass
from typing import Any

from governance.approvals.models import ApprovalRequest, Vote
from governance.ledger.canonical import canonical, sha256_hex
from governance.releases.clearance import NotCleared, check_clearance
from governance.releases.models import Activation, Release
from governance.web.acting import address


@dataclass(frozen=True)
class Standing:
    """Where a release is on its way: decided, in effect, and whether it is still what was decided on."""

    ready: bool
    in_effect: Activation | None
    replaced_by: Release | None
    previous: Release | None
    not_cleared: str

    @property
    def tone(self) -> str:
        """The colour of it."""
        return "ok" if self.in_effect else "none"


def standing_of(release: Release) -> Standing:
    """Worked out from the activations of the workflow in the release's environment."""
    line = list(
        Activation.objects.line(release.workflow_id, release.environment_id).select_related(
            "release__workflow", "release__request"
        )[:20]
    )
    current = line[0] if line else None
    mine = current is not None and current.release_id == release.pk
    earlier = next((row.release for row in line[1:] if row.release_id != release.pk), None) if mine else None
    state = release.request.state
    return Standing(
        ready=state in ApprovalRequest.CARRIED,
        in_effect=current if mine else None,
        replaced_by=None if current is None or mine or not release.activations.exists() else current.release,
        previous=earlier,
        not_cleared=_not_cleared(release) if state != ApprovalRequest.State.OPEN else "",
    )


def _not_cleared(release: Release) -> str:
    """What the worker would say now if it were asked to run the release; nothing for one not let through."""
    if release.request.state not in ApprovalRequest.CARRIED:
        return ""
    try:
        check_clearance(release)
    except NotCleared as problem:
        return problem.message
    return ""


def facts(release: Release) -> list[dict[str, Any]]:
    """The strip: workflow, environment, submission, decision, effect, digest."""
    votes = list(release.request.votes.all())
    approving = [vote for vote in votes if vote.decision == Vote.Decision.APPROVE]
    rejecting = [vote for vote in votes if vote.decision == Vote.Decision.REJECT]
    vote = next(reversed(rejecting or approving), None)
    exact = sha256_hex(bytes(release.closure)) == release.digest == sha256_hex(canonical(release.contents))
    return [
        {
            "label": "Workflow version",
            "value": str(release.version),
            "url": address("governance:version", release.version_id),
            "digest": release.version.digest,
        },
        {
            "label": "Environment",
            "value": release.environment.name,
            "small": "protected: approved releases only"
            if release.environment.protected
            else "open: no approval needed",
        },
        {"label": "Submitted by", "value": release.submitted_by.name, "at": release.submitted_at},
        {
            "label": "Rejected by" if rejecting else "Approved by",
            "value": ", ".join(given.person_name for given in rejecting or approving),
            "absent": _absent(release),
            "url": address("governance:approval", release.request_id),
            "small": vote.meaning if vote else "",
            "at": vote.at if vote else None,
        },
        {
            "label": "Closure",
            "value": "Digest holds" if exact else "Digest does not match",
            "small": "computed again just now",
            "digest": release.digest,
        },
    ]


def _absent(release: Release) -> str:
    match release.request.state:
        case ApprovalRequest.State.NOT_REQUIRED:
            return "Not required here"
        case ApprovalRequest.State.WITHDRAWN:
            return "Withdrawn"
        case _:
            return "Nobody yet"
