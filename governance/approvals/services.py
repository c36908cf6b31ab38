"""Asking for a decision, deciding, and taking the question back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from psycopg.errors import IntegrityConstraintViolation

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.access.refusing import record_refusal
from governance.access.standing_as import role_for
from governance.accounts.models import Project, User
from governance.approvals.eligibility import Bar, has_quorum, standing
from governance.approvals.models import ApprovalRequest, Exclusion, Vote
from governance.errors import NotAllowed, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import storable
from governance.proof.standing import refuse_unless_standing

MEANINGS = {
    Vote.Decision.APPROVE: "I have reviewed this release and approve it",
    Vote.Decision.REJECT: "I have reviewed this release and reject it",
}


class Stale(WrongState):
    """What the person saw is not what would be decided."""


class SeparationOfDuties(NotAllowed):
    """The person has a part in what is to be decided."""


@transaction.atomic
def request_approval(
    project: Project, *, actor: User, subject: str, digest: str, quorum: int, excluded: Mapping[UUID, str]
) -> ApprovalRequest:
    """Ask for a decision on exactly this digest; with a quorum of 0 the request is closed as not required.

    Raises `NotAllowed` without "Submit a release" on the project.
    """
    authorise(actor, Permission.SUBMIT, project=project)
    state = ApprovalRequest.State.OPEN if quorum else ApprovalRequest.State.NOT_REQUIRED
    request = ApprovalRequest.objects.create(
        project=project,
        subject=subject,
        digest=digest,
        quorum=quorum,
        state=state,
        requested_by=actor,
        decided_at=None if quorum else timezone.now(),
    )
    Exclusion.objects.bulk_create(
        Exclusion(request=request, person_id=person, reason=reason[:400])
        for person, reason in excluded.items()
    )
    _record(Kind.APPROVAL_REQUESTED, actor, request, quorum=quorum, excluded=len(excluded))
    return request


def vote(request: ApprovalRequest, *, actor: User, decision: Vote.Decision, reason: str, digest: str) -> Vote:
    """Decide a request, bound to the digest that the person saw.

    Raises `NotVisible` by reach; `NotAllowed` without the permission or through a token, `SeparationOfDuties`
    when the person wrote or submitted any part of it, and records either attempt, repeated ones as a count;
    `Stale` when the digest is another one, `WrongState` when there is nothing to decide, they decided before
    or the ledger does not hold, `Invalid` without a reason.
    """
    try:
        with transaction.atomic():
            return _vote(request, actor=actor, decision=decision, reason=reason, digest=digest)
    except NotAllowed as refusal:
        with transaction.atomic():
            record_refusal(
                Kind.APPROVAL_REFUSED,
                actor=actor,
                organisation=request.project.organisation_id,
                about=("approval", request.pk),
                why=refusal.missing,
                details={"subject": request.subject, "sha256": request.digest, "reason": refusal.message},
            )
        raise


def _vote(
    request: ApprovalRequest, *, actor: User, decision: Vote.Decision, reason: str, digest: str
) -> Vote:
    request = _locked(request)
    authorise(actor, Permission.APPROVE, project=request.project)
    refuse_unless_standing(request.project.organisation_id)
    _check(request, actor, digest)
    verb = "reject" if decision == Vote.Decision.REJECT else "approve"
    reason = storable(reason, field="reason", longest=2000, missing=f"Say why you {verb} it.")
    with _asked_again():
        given = Vote.objects.create(
            request=request,
            person=actor,
            person_name=actor.name,
            decision=decision,
            meaning=MEANINGS[decision],
            reason=reason,
            digest=digest,
        )
    facts = {"vote": str(given.pk), "decision": given.decision, "meaning": given.meaning, "reason": reason}
    if role := role_for(actor, Permission.APPROVE, project=request.project):
        facts["role"] = role
    _record(Kind.APPROVAL_VOTED, actor, request, **facts)
    _conclude(request, decision)
    return given


@contextmanager
def _asked_again() -> Iterator[None]:
    """Insert within this block: the database asks for the right once more, which may have ended meanwhile."""
    try:
        yield
    except IntegrityError as problem:
        if not isinstance(problem.__cause__, IntegrityConstraintViolation):
            raise
        words = "Your right to decide this ended while you did. Nothing was decided."
        raise NotAllowed(words, missing=Permission.APPROVE) from problem


def _locked(request: ApprovalRequest) -> ApprovalRequest:
    return (
        ApprovalRequest.objects.select_for_update(of=("self",)).select_related("project").get(pk=request.pk)
    )


def _check(request: ApprovalRequest, actor: User, digest: str) -> None:
    if actor.token is not None:
        missing = "a signed-in person"
        raise NotAllowed("A decision is signed by a person at the browser, not by a token.", missing=missing)
    found = standing(request, actor, approver=True)  # authorised already
    if found is not None and found.bar == Bar.EXCLUDED:
        raise SeparationOfDuties(found.sentence, missing="separation of duties")
    if found is not None:
        raise WrongState(found.sentence)
    if digest != request.digest:
        raise Stale("What you saw is not what would be decided. Read the request again, then decide.")


def _conclude(request: ApprovalRequest, decision: Vote.Decision) -> None:
    """Close the request when the vote settles it."""
    if decision == Vote.Decision.REJECT:
        request.state = ApprovalRequest.State.REJECTED
    elif has_quorum(request):
        request.state = ApprovalRequest.State.APPROVED
    else:
        return
    request.decided_at = timezone.now()
    request.save(update_fields=["state", "decided_at"])


@transaction.atomic
def withdraw(request: ApprovalRequest, *, actor: User) -> ApprovalRequest:
    """Take the question back.

    Raises `NotVisible`, `NotAllowed` for others than who asked, `WrongState` once it is decided.
    """
    request = _locked(request)
    authorise(actor, Permission.VIEW, project=request.project)
    if request.requested_by_id != actor.pk:
        raise NotAllowed("Only whoever submitted a request can withdraw it.", missing="being its submitter")
    if request.state != ApprovalRequest.State.OPEN:
        raise WrongState(f"This request is {request.get_state_display().lower()}.")
    request.state = ApprovalRequest.State.WITHDRAWN
    request.decided_at = timezone.now()
    request.save(update_fields=["state", "decided_at"])
    _record(Kind.APPROVAL_WITHDRAWN, actor, request)
    return request


def _record(kind: Kind, actor: User, request: ApprovalRequest, **details: str | int) -> None:
    record(
        kind,
        actor=actor,
        organisation=request.project.organisation_id,
        about=("approval", request.pk),
        details={"subject": request.subject, "sha256": request.digest, **details},
    )
