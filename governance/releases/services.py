"""Submitting, activating and rolling back releases."""

from django.db import transaction

from governance.access.gate import authorise
from governance.access.owners import locked_for_owner
from governance.access.permissions import Permission
from governance.access.unique import unless_taken
from governance.accounts.models import Organisation, Project, User
from governance.approvals.models import ApprovalRequest
from governance.approvals.services import request_approval
from governance.catalog.models import Asset, Version
from governance.errors import Invalid, NotVisible, WrongState
from governance.ledger.canonical import canonical, sha256_hex
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import printable, storable
from governance.ledger.text import slug as slug_text
from governance.policies.separation import demand
from governance.proof.standing import refuse_unless_standing
from governance.releases.asking import refuse_unanswerable
from governance.releases.clearance import check_clearance
from governance.releases.closure import authors_of, closure_of, pinned_versions
from governance.releases.models import Activation, Environment, Release
from governance.releases.outward import outward_of, refuse_shut, why_shut


@transaction.atomic
def create_environment(
    organisation: Organisation, *, actor: User, slug: str, name: str, rank: int, protected: bool
) -> Environment:
    """Add an environment. Raises `NotAllowed` for others than platform owners, `Invalid` for a taken slug.

    One where nothing waits for approval is refused while the ledger does not hold.
    """
    organisation = locked_for_owner(organisation, actor=actor)
    if not protected:
        refuse_unless_standing(organisation.pk)
    slug = slug_text(slug, longest=40)
    name = printable(name, longest=80, missing="A name is needed.")
    with unless_taken("slug", f"There is an environment called {slug} already."):
        environment = Environment.objects.create(
            organisation=organisation, slug=slug, name=name, rank=rank, protected=protected
        )
    record(
        Kind.ENVIRONMENT_CREATED,
        actor=actor,
        organisation=organisation.pk,
        about=("environment", environment.pk),
        details={"slug": slug, "name": name, "protected": protected, "rank": rank},
    )
    return environment


@transaction.atomic
def submit_release(version: Version, *, actor: User, environment: Environment, notes: str = "") -> Release:
    """Offer a workflow version to an environment; a protected one then waits for its approval.

    Raises `Invalid` for what is not a workflow version or for notes that are too long, `NotVisible` for an
    environment of another organisation, `NotAllowed` without "Submit a release", `WrongState` while the same
    content waits there. What its nodes ask must be open to the environment, and whom they ask must be there:
    `Invalid` names what is not.
    """
    workflow = (
        Asset.objects.select_for_update(of=("self",)).select_related("project").get(pk=version.asset_id)
    )
    authorise(actor, Permission.SUBMIT, project=workflow.project)
    _check_submission(workflow, environment)
    if not environment.protected:  # where nobody else decides on it
        refuse_unless_standing(workflow.project.organisation_id)
    notes = storable(notes, field="notes", longest=1000)
    parts = _answerable(workflow, version, environment)
    asked = demand(protected=environment.protected, submitter=actor.pk, authors=authors_of(parts))
    body = canonical(closure_of(parts, environment=environment, quorum=asked.quorum))
    digest = sha256_hex(body)
    if workflow.releases.filter(digest=digest, request__state=ApprovalRequest.State.OPEN).exists():
        raise WrongState(f"{version} waits for approval for {environment.name} already.")
    number = _next_number(workflow)
    request = request_approval(
        workflow.project,
        actor=actor,
        subject=f"{workflow.slug} release {number} to {environment.name}",
        digest=digest,
        quorum=asked.quorum,
        excluded=asked.excluded,
    )
    release = Release.objects.create(
        project=workflow.project,
        workflow=workflow,
        number=number,
        version=version,
        environment=environment,
        closure=body,
        digest=digest,
        notes=notes,
        submitted_by=actor,
        request=request,
    )
    _record(Kind.RELEASE_SUBMITTED, actor, release, notes=notes)
    return release


@transaction.atomic
def activate(release: Release, *, actor: User, reason: str) -> Activation:
    """Put a release into effect in its environment: new runs use it from now on.

    Raises `Invalid` without a reason, `WrongState` when it is not approved or in effect already, or asks what
    is not open to the environment any more, `NotCleared` when it is not what was approved.
    """
    return _put_into_effect(release, actor=actor, reason=reason, kind=Activation.Kind.ACTIVATION)


@transaction.atomic
def roll_back(release: Release, *, actor: User, reason: str) -> Activation:
    """Go back to a release that was in effect before: new runs use it from now on.

    Raises `Invalid` without a reason, `WrongState` for one that was never in effect or is now. The way back
    stays open though an endpoint is not: the steps that ask it fail, and say why.
    """
    return _put_into_effect(release, actor=actor, reason=reason, kind=Activation.Kind.ROLLBACK)


def _put_into_effect(release: Release, *, actor: User, reason: str, kind: Activation.Kind) -> Activation:
    locked = Asset.objects.select_for_update(of=("self",))
    workflow = locked.select_related("project").get(pk=release.workflow_id)
    authorise(actor, Permission.ACTIVATE, project=workflow.project)
    if kind == Activation.Kind.ACTIVATION:  # the way back stays open
        refuse_unless_standing(workflow.project.organisation_id)
    act = "roll back" if kind == Activation.Kind.ROLLBACK else "put it into effect"
    reason = storable(reason, field="reason", longest=1000, missing=f"Say why you {act}.")
    release = Release.objects.with_contents().get(pk=release.pk)
    if release.request.state not in ApprovalRequest.CARRIED:
        raise WrongState(f"{release} is not approved: {release.request.get_state_display().lower()}.")
    if kind == Activation.Kind.ROLLBACK and not release.activations.exists():
        raise WrongState(f"{release} was never in effect: activate it instead.")
    check_clearance(release)
    if kind == Activation.Kind.ACTIVATION and (why := why_shut(release)):
        raise WrongState(why)
    current = Activation.objects.line(workflow, release.environment).first()
    if current is not None and current.release_id == release.pk:
        raise WrongState(f"{release} is in effect in {release.environment.name} already.")
    activation = Activation.objects.create(
        release=release,
        environment=release.environment,
        workflow=workflow,
        kind=kind,
        sequence=1 if current is None else current.sequence + 1,
        actor=actor,
        actor_name=actor.name,
        reason=reason,
    )
    _record_activation(activation, actor, replaced=str(current.release) if current else "")
    return activation


def _record_activation(activation: Activation, actor: User, *, replaced: str) -> None:
    rolled_back = activation.kind == Activation.Kind.ROLLBACK
    event = Kind.RELEASE_ROLLED_BACK if rolled_back else Kind.RELEASE_ACTIVATED
    _record(event, actor, activation.release, reason=activation.reason, replaced=replaced)


def _check_submission(workflow: Asset, environment: Environment) -> None:
    project: Project = workflow.project
    if workflow.kind != Asset.Kind.WORKFLOW:
        raise Invalid("Only a workflow version can be released; prompts and models are released as its pins.")
    if environment.organisation_id != project.organisation_id:
        raise NotVisible("There is no such environment.")


def _answerable(workflow: Asset, version: Version, environment: Environment) -> list[Version]:
    """The version and all that it pins, if who or what it asks is there."""
    parts = pinned_versions(version)
    refuse_shut(environment, outward_of(parts))
    refuse_unanswerable(workflow.project, parts)
    return parts


def _next_number(workflow: Asset) -> int:
    last = workflow.releases.order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1


def _record(kind: Kind, actor: User, release: Release, **details: str) -> None:
    record(
        kind,
        actor=actor,
        organisation=release.project.organisation_id,
        about=("release", release.pk),
        details={
            "release": str(release),
            "environment": release.environment.slug,
            "workflow_version": str(release.version),
            "sha256": release.digest,
            **details,
        },
    )
