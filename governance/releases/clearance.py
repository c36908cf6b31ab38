"""The check that nothing else runs in a protected environment. The worker makes it, trusting only rows.

Made in full once for each state of the rows: `release_fingerprint` in the database stands for all that the
check depends on, so a process that has checked a release need only see that the value is still the same.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError

from governance.approvals.eligibility import has_quorum
from governance.approvals.models import ApprovalRequest
from governance.catalog.functions import Announcement, all_announced
from governance.catalog.models import Version
from governance.errors import DomainError
from governance.ledger.canonical import canonical, sha256_hex
from governance.prepared import rows
from governance.releases.closure import authors_of, closure_of, pinned_versions
from governance.releases.models import Release

FINGERPRINT = b"SELECT release_fingerprint(%(release)s) AS fingerprint"
MOST_KNOWN: Final = 256


class NotCleared(DomainError):
    """The release may not run where it says it may."""


class NotCapable(NotCleared):
    """The release may run, but not here: these functions are not, in this process, what was released.

    All else was found to be as it was decided on: what calls none of them may be executed here.
    """

    def __init__(self, message: str, *, functions: Sequence[str], release: Release | None = None) -> None:
        super().__init__(message)
        self.functions = list(functions)
        self.release = release


@dataclass(frozen=True)
class _Known:
    """A release that passed the full check, perhaps but for code that this process lacks, and what it was
    checked against."""

    release: Release
    fingerprint: str
    code: list[Announcement]
    refusal: NotCapable | None = None


# The releases that this process has cleared, the last used last. Of refusals only those for code that it
# lacks are kept: such a release's runs come up again and again, and most of their steps may be executed here.
_known: OrderedDict[UUID, _Known] = OrderedDict()
_turn = Lock()


def cleared(release_id: UUID) -> Release:
    """The release, allowed to run where it was released to now; one round trip once this process knows it.

    Raises `NotCleared` as `check_clearance` does, and `Release.DoesNotExist`.
    """
    return clear(release_id, fingerprint=fingerprint_of(release_id))


def clear(release_id: UUID, *, fingerprint: str | None) -> Release:
    """The same for a caller whose own statement has selected `release_fingerprint(release_id)` just now.

    What is returned is shared: the release with its version, workflow, environment, request and votes as they
    were read when it was checked, and as they still are.
    """
    code = all_announced()
    with _turn:
        known = _known.get(release_id)
        if known is not None and known.fingerprint == fingerprint and known.code == code:
            _known.move_to_end(release_id)
            return _unless_lacking(known)
    release = Release.objects.with_contents().prefetch_related("request__votes").get(pk=release_id)
    try:
        check_clearance(release)
        refusal = None
    except NotCapable as found:
        refusal = found.with_traceback(None)  # what is kept holds no frames
    checked = _Known(release, fingerprint or "", code, refusal)
    # Only what stood still while it was checked is known by its fingerprint.
    if fingerprint is not None and fingerprint_of(release_id) == fingerprint and all_announced() == code:
        _keep(checked)
    return _unless_lacking(checked)


def _unless_lacking(known: _Known) -> Release:
    """The release. Raises a `NotCapable` of the caller's own: several threads may be refused at once."""
    if known.refusal is not None:
        found = known.refusal
        raise NotCapable(found.message, functions=found.functions, release=found.release)
    return known.release


def fingerprint_of(release_id: UUID) -> str | None:
    """One value for all rows that the release's clearance depends on; None where there is no such release."""
    found: str | None = rows(FINGERPRINT, {"release": release_id})[0].fingerprint
    return found


def _keep(known: _Known) -> None:
    with _turn:
        _known[known.release.pk] = known
        _known.move_to_end(known.release.pk)
        if len(_known) > MOST_KNOWN:
            _known.popitem(last=False)


def check_clearance(release: Release) -> None:
    """Let the release run, or raise `NotCleared` with the reason; `NotCapable` when other code may run it.

    Recomputes the closure from the stored versions and the code at hand, compares it with what was decided
    on, and counts the stored votes afresh, without those of anybody who wrote or submitted a part.
    """
    if sha256_hex(bytes(release.closure)) != release.digest:
        raise NotCleared(f"What is stored of {release} does not have the release digest that was decided on.")
    parts = pinned_versions(release.version)
    now, then = _closure(release, parts), release.contents
    lacking = _lacking(then, now)
    if sha256_hex(canonical(now)) != release.digest and not lacking:
        raise NotCleared(f"{release} is not what was decided on: {_difference(then, now)}.")
    if release.request.digest != release.digest:
        raise NotCleared(f"The decision on {release} was made on another release digest.")
    if release.environment.protected:
        _check_decision(release, {*authors_of(parts), release.submitted_by_id})
    if lacking:
        raise NotCapable(
            f"{release} is not what was decided on: {_difference(then, now)}. {_what_to_do(lacking)}",
            functions=lacking,
            release=release,
        )


def _lacking(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The functions whose code here is not the released one, where nothing else differs."""
    if {**then, "functions": None} != {**now, "functions": None}:
        return []
    released, here = then.get("functions", {}), now.get("functions", {})
    return sorted(name for name in {*released, *here} if released.get(name) != here.get(name))


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


def _what_to_do(functions: Sequence[str]) -> str:
    named = ", ".join(f"“{name}”" for name in functions)
    return (
        f"The file that holds {named} differs here from the one that was released, be it by a comment: start "
        "a worker with the released code, or submit the workflow again and have what is here released."
    )


def _difference(then: dict[str, object], now: dict[str, object]) -> str:
    parts = [part for part in sorted(set(then) | set(now)) if then.get(part) != now.get(part)]
    words = {
        "functions": "the code of its functions has changed",
        "versions": "a pinned version has changed",
        "workflow": "the workflow version has changed",
        "environment": "the environment's protection has changed",
    }
    return " and ".join(words.get(part, part) for part in parts) or "its form has changed"
