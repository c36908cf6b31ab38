"""Starting a run of what is released."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.catalog.models import Asset
from governance.catalog.workflows import WorkflowContent
from governance.errors import Invalid, NotVisible, WrongState
from governance.ledger.canonical import canonical, sha256_hex
from governance.ledger.identity import uuid7
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import storable
from governance.releases.clearance import check_clearance
from governance.releases.models import Activation, Environment, Release
from runs.artifacts.store import Document, Ready, keep, ready
from runs.durable.announce import announce
from runs.durable.documents import Received, received
from runs.durable.plans import plan_of
from runs.records.models import Run, RunInput

__all__ = ["Document", "start_run"]

LONGEST_REFERENCE = 200
LONGEST_KEY = 200
Documents = Mapping[str, Document | str | bytes]


@dataclass(frozen=True)
class _Request:
    """What was asked for, checked; `digest` tells whether a repeated key asks for the same."""

    workflow: Asset
    environment: Environment
    reference: str
    key: str | None
    origin: Run.Origin

    def digest(self, inputs: Mapping[str, Received]) -> str:
        """The SHA-256 of everything that the caller chose."""
        chosen = {name: [found.content.sha256, found.filename] for name, found in inputs.items()}
        asked = [str(self.workflow.pk), str(self.environment.pk), self.reference, chosen]
        return sha256_hex(canonical(asked))


def start_run(
    workflow: Asset,
    *,
    actor: User,
    environment: Environment,
    inputs: Documents,
    reference: str = "",
    idempotency_key: str | None = None,
    origin: Run.Origin = Run.Origin.PAGE,
) -> tuple[Run, bool]:
    """Start a run of the release in effect; returns it, and whether it is new.

    A repeated idempotency key with the same request returns the first run. A broker that is down does not
    matter: the run waits until a worker sees it. Raises `NotVisible` or `NotAllowed` without "Start, resume
    and cancel runs"; `Invalid` with a message for each missing, unknown, oversized or undecodable input;
    `WrongState` when nothing is released there, or the key was used for another request; `NotCleared` when
    the release is not what was approved.
    """
    workflow = Asset.objects.select_related("project").get(pk=workflow.pk)
    authorise(actor, Permission.OPERATE, project=workflow.project)
    asked = _request(workflow, environment, reference, idempotency_key, origin)
    if (first := _first(asked)) is not None:
        # By the rules of the version that the first request was answered with, whatever is released since.
        return _same(first, asked, received(_workflow(first.release), inputs)), False
    release = _in_effect(workflow, environment)
    check_clearance(release)
    found = received(_workflow(release), inputs)
    contents = ready(
        (given.content for given in found.values()), organisation=workflow.project.organisation_id
    )
    try:
        with transaction.atomic():
            run = _insert(asked, release, actor, found, contents)
            _record(run, release, actor, found)
            transaction.on_commit(lambda: announce([run.pk]))
    except IntegrityError:
        # Somebody else committed the same key between our look and our insert.
        if (first := _first(asked)) is None:
            raise
        return _same(first, asked, found), False
    return run, True


def _request(
    workflow: Asset, environment: Environment, reference: str, key: str | None, origin: Run.Origin
) -> _Request:
    if workflow.kind != Asset.Kind.WORKFLOW:
        raise Invalid("Only a workflow can be run.", fields={"workflow": "Choose a workflow."})
    if environment.organisation_id != workflow.project.organisation_id:
        raise NotVisible("There is no such environment.")
    reference = storable(reference, field="reference", longest=LONGEST_REFERENCE)
    if key is not None:
        empty = "The idempotency key is empty: leave it out, or give one."
        key = storable(key, field="idempotency_key", longest=LONGEST_KEY, missing=empty)
    return _Request(workflow, environment, reference, key, origin)


def _first(asked: _Request) -> Run | None:
    if asked.key is None:
        return None
    known = Run.objects.filter(project=asked.workflow.project_id, idempotency_key=asked.key)
    return known.select_related("release").first()


def _same(first: Run, asked: _Request, inputs: Mapping[str, Received]) -> Run:
    if first.request_digest != asked.digest(inputs):
        raise WrongState("This idempotency key was used for another request. Use a new key for a new run.")
    return first


def _in_effect(workflow: Asset, environment: Environment) -> Release:
    related = ("release__version__asset", "release__environment", "release__request", "release__workflow")
    activation = Activation.objects.line(workflow, environment).select_related(*related).first()
    if activation is None:
        raise WrongState(
            f"Nothing is released to {environment.name}: no release of {workflow.slug} is in effect there. "
            "Submit a version, have it approved and put it into effect."
        )
    return activation.release


def _workflow(release: Release) -> WorkflowContent:
    return plan_of(release.version_id, release.contents["workflow"]["sha256"]).workflow


def _insert(
    asked: _Request,
    release: Release,
    actor: User,
    inputs: Mapping[str, Received],
    contents: Sequence[Ready],
) -> Run:
    project = asked.workflow.project
    run = Run(
        id=uuid7(),
        organisation_id=project.organisation_id,
        project=project,
        workflow=asked.workflow,
        version=release.version,
        release=release,
        environment=asked.environment,
        closure_digest=release.digest,
        approvals=_approvals(release),
        reference=asked.reference,
        idempotency_key=asked.key,
        request_digest=asked.digest(inputs),
        origin=asked.origin,
        started_by=actor,
        started_by_name=actor.name,
        cursor=_workflow(release).start,
    )
    run.save(force_insert=True)
    keep(contents, organisation=project.organisation_id)
    RunInput.objects.bulk_create(
        RunInput(
            run=run,
            name=name,
            filename=found.filename,
            artifact_id=found.content.identifier(project.organisation_id),
            classification=found.classification,
        )
        for name, found in inputs.items()
    )
    return run


def _approvals(release: Release) -> list[dict[str, str]]:
    """The decisions on the release as they stand, to be read from the run alone."""
    return [
        {
            "person": str(vote.person_id),
            "name": vote.person_name,
            "decision": vote.decision,
            "meaning": vote.meaning,
            "reason": vote.reason,
            "at": vote.at.isoformat(),
            "digest": vote.digest,
        }
        for vote in release.request.votes.order_by("id")
    ]


def _record(run: Run, release: Release, actor: User, inputs: Mapping[str, Received]) -> UUID:
    details: dict[str, Any] = {
        "workflow_version": str(release.version),
        "release": str(release),
        "environment": run.environment.slug,
        "sha256": run.closure_digest,
        "reference": run.reference,
        "origin": str(run.origin),
        "inputs": {name: found.content.sha256 for name, found in inputs.items()},
    }
    organisation = run.organisation_id
    return record(
        Kind.RUN_STARTED,
        actor=actor,
        organisation=organisation,
        about=("run", run.pk),
        run=run.pk,
        details=details,
    )
