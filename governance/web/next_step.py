"""What comes after a decision, and who can do it: told on the review and on the release."""

from dataclasses import dataclass

from governance.access.gate import reach
from governance.access.holders import holders
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.approvals.models import ApprovalRequest
from governance.releases.models import Release
from governance.web.acting import address
from governance.web.release_facts import Standing


@dataclass(frozen=True)
class NextStep:
    """A sentence, and the page to go on from; `presses` where the reader is the one to do it."""

    sentence: str
    url: str = ""
    label: str = ""
    presses: bool = False


def next_step(release: Release, standing: Standing, actor: User) -> NextStep | None:
    """What a release waits for after its decision, told before it, too; nothing once it was taken back."""
    page, where = address("governance:release", release.pk), release.environment.name
    if release.request.state == ApprovalRequest.State.REJECTED:
        again = address("governance:version", release.version_id)
        return NextStep("It cannot take effect. A new release can be submitted.", again, "The version")
    if not standing.ready:
        return _once_approved(release) if release.request.state == ApprovalRequest.State.OPEN else None
    if standing.was_in_effect:
        then = f"It was in effect in {where}; {standing.replaced_by} is now."
        now = f"In effect in {where}: new runs use it."
        return NextStep(now if standing.in_effect else then, page, "The release")
    if standing.not_cleared:
        return NextStep(f"It cannot take effect now: {standing.not_cleared}", page, "The release")
    if reach(actor).allows(Permission.ACTIVATE, release.project_id):
        activate = address("governance:release-activate", release.pk)
        sentence = f"It is not in effect yet: you can put it into effect in {where}."
        return NextStep(sentence, activate, "Put into effect…", presses=True)
    return NextStep(f"It waits to be put into effect in {where}. {_who(release)}", page, "The release")


def _once_approved(release: Release) -> NextStep:
    where = release.environment.name
    return NextStep(f"Once approved, it still has to be put into effect in {where}. {_who(release)}")


def _who(release: Release) -> str:
    names = ", ".join(person.name for person in holders(release.project, Permission.ACTIVATE))
    if not names:
        return "Nobody may do that yet: a platform owner grants the role of operator."
    return f"Who can do that: {names}."
