"""How a release stands, and the strip of facts at the top of its page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

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
    current: Release | None
    was_in_effect: bool
    previous: Release | None
    not_cleared: str

    @property
    def replaced_by(self) -> Release | None:
        """What is in effect in its place, if it ever was."""
        return self.current if self.was_in_effect and not self.in_effect else None

    @property
    def may_take_effect(self) -> bool:
        """Whether the service would put it into effect now."""
        return self.ready and not self.in_effect and not self.not_cleared


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
        current=current.release if current else None,
        was_in_effect=any(row.release_id == release.pk for row in line) or release.activations.exists(),
        previous=earlier if earlier and not _not_cleared(earlier) else None,
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


@dataclass(frozen=True)
class Period:
    """A time in effect: how it began and, when it is over, what ended it."""

    begun: Activation
    ended: Activation | None
    runs_url: str


def periods(release: Release) -> list[Period]:
    """Every time that the release was in effect, newest first."""
    line = Activation.objects.line(release.workflow_id, release.environment_id).with_replaced()
    begun = list(line.filter(release=release))
    following = line.filter(sequence__in=[row.sequence + 1 for row in begun]).select_related(
        "release__workflow"
    )
    ended = {row.sequence - 1: row for row in following}
    return [_period(row, ended.get(row.sequence)) for row in begun]


def _period(begun: Activation, ended: Activation | None) -> Period:
    """With the address of the runs that began in it, to the thousandth of a second, as a browser asks it."""
    asked = {"release": str(begun.release_id), "since": _moment(begun.at)}
    if ended is not None:
        asked["until"] = _moment(ended.at)
    return Period(begun, ended, address("runs:list", **asked))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")


@dataclass(frozen=True)
class Effects:
    """Which of some releases are in effect now, and which were before."""

    now: set[UUID]
    before: set[UUID]


def effects_of(releases: Iterable[Release]) -> Effects:
    """Two queries for any number of releases."""
    wanted = {release.pk: release.workflow_id for release in releases}
    lines = Activation.objects.filter(workflow__in=set(wanted.values())).in_effect()
    now = set(lines.values_list("release", flat=True))
    ever = Activation.objects.filter(release__in=wanted).values_list("release", flat=True)
    return Effects(now, set(ever) - now)


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
            else "not protected: no approval asked for",
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
            "label": "Release digest",
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
