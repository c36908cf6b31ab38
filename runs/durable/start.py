"""Starting a run of what is released."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.db import DEFAULT_DB_ALIAS, transaction

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.catalog.models import Asset
from governance.catalog.workflows import WorkflowContent
from governance.errors import Invalid, NotVisible, WrongState
from governance.ledger.canonical import canonical, sha256_hex
from governance.ledger.identity import uuid7
from governance.ledger.kinds import Kind
from governance.ledger.services import details_bytes
from governance.ledger.text import storable
from governance.prepared import rows
from governance.releases.clearance import NotCapable, clear
from governance.releases.models import Environment, Release
from runs.artifacts.store import Document, ready
from runs.durable.documents import Received, received
from runs.durable.openings import NotOpen, why_not_started
from runs.durable.plans import plan_of
from runs.durable.pools import pool_at
from runs.durable.telling import tell
from runs.durable.workers import others_at_work
from runs.records.models import Run

__all__ = ["Document", "start_run"]

SQL = Path(__file__).parent / "sql"
RELEASED = (SQL / "released.sql").read_bytes()
START = (SQL / "start.sql").read_bytes()
LONGEST_REFERENCE = 200
LONGEST_KEY = 200
USED_OTHERWISE = "This idempotency key was used for another request. Use a new key for a new run."
# With what the keys of such starts begin. Nobody else may use one: theirs would be refused, or not be made.
OWN_KEYS = {Run.Origin.SCHEDULE: "schedule:", Run.Origin.WEBHOOK: "webhook:", Run.Origin.IMPORT: "import:"}
USUAL_PRIORITY = 5
HIGHEST_PRIORITY = 9
Documents = Mapping[str, Document | str | bytes]


@dataclass(frozen=True)
class _Request:
    """What was asked for, checked; `digest` tells whether a repeated key asks for the same."""

    workflow: Asset
    environment: Environment
    reference: str
    key: str | None
    origin: Run.Origin
    priority: int

    def place(self) -> dict[str, Any]:
        """What decides whether there is such a run already, and of which release a new one would be."""
        return {
            "organisation": self.workflow.project.organisation_id,
            "project": self.workflow.project_id,
            "workflow": self.workflow.pk,
            "environment": self.environment.pk,
            "key": self.key,
        }

    def digest(self, inputs: Mapping[str, Received]) -> str:
        """The SHA-256 of everything that the caller chose."""
        chosen = {name: [found.content.sha256, found.filename] for name, found in inputs.items()}
        asked = [str(self.workflow.pk), str(self.environment.pk), self.reference, chosen]
        return sha256_hex(canonical(asked if self.priority == USUAL_PRIORITY else [*asked, self.priority]))


def start_run(
    workflow: Asset,
    *,
    actor: User,
    environment: Environment,
    inputs: Documents,
    reference: str = "",
    idempotency_key: str | None = None,
    origin: Run.Origin = Run.Origin.PAGE,
    priority: int = USUAL_PRIORITY,
) -> tuple[Run, bool]:
    """Start a run of the release in effect; returns it, and whether it is new.

    The higher its `priority` (0 to 9), the sooner a worker takes it, among those of its organisation.
    One statement commits it with all that it starts with, or the caller's transaction does. A repeated
    idempotency key with the same request returns the first run. A broker that is down does not matter: the
    run waits until a worker sees it. Raises `NotVisible` or `NotAllowed` without "Start, resume and cancel
    runs"; `Invalid` with a message for each missing, unknown, oversized or undecodable input; `WrongState`
    when nothing is released there, what it asks is not open there, or the key was used for another request;
    `NotCleared` when the release is not what was approved.
    """
    workflow = _known(workflow.pk)
    authorise(actor, Permission.OPERATE, project=workflow.project)
    asked = _request(workflow, environment, reference, idempotency_key, origin, priority)
    [seen] = rows(RELEASED, asked.place())
    if seen.first is not None:
        return _first(asked, lambda release: received(_workflow(release), inputs)), False
    if seen.release is None:
        approved = ", have it approved" if environment.protected else ""
        raise WrongState(
            f"Nothing is released to {environment.name}: no release of {workflow.slug} is in effect there. "
            f"Submit a version{approved} and put it into effect."
        )
    release = _released(seen.release, seen.fingerprint)
    if shut := why_not_started(release.version_id, _digest(release), environment, seen.openings):
        raise NotOpen(f"It would fail: {shut}")
    found = received(_workflow(release), inputs)
    run = _insert(asked, release, actor, found)
    if run is None:
        # Somebody else committed the same key between our look and our insert.
        return _first(asked, lambda _: found), False
    transaction.on_commit(lambda: tell(run.pk, pool=run.pool))
    return run, True


@lru_cache(maxsize=1024)
def _known(workflow: UUID) -> Asset:
    """The asset with its project. Nothing of either is ever changed, so a process reads them once."""
    return Asset.objects.select_related("project").get(pk=workflow)


def _released(release: UUID, fingerprint: str | None) -> Release:
    """The release, which may run; be it that only workers with other code than is here are capable of it."""
    try:
        return clear(release, fingerprint=fingerprint)
    except NotCapable:  # all else was found to be as it was decided on
        if not others_at_work():
            raise
        return Release.objects.with_contents().get(pk=release)


def _request(
    workflow: Asset,
    environment: Environment,
    reference: str,
    key: str | None,
    origin: Run.Origin,
    priority: int,
) -> _Request:
    if workflow.kind != Asset.Kind.WORKFLOW:
        raise Invalid("Only a workflow can be run.", fields={"workflow": "Choose a workflow."})
    if environment.organisation_id != workflow.project.organisation_id:
        raise NotVisible("There is no such environment.")
    reference = storable(reference, field="reference", longest=LONGEST_REFERENCE)
    key = checked_key(key, origin=origin)
    if not 0 <= priority <= HIGHEST_PRIORITY:
        reason = f"A priority is a whole number from 0 to {HIGHEST_PRIORITY}."
        raise Invalid(reason, fields={"priority": reason})
    return _Request(workflow, environment, reference, key, origin, priority)


def checked_key(key: str | None, *, origin: Run.Origin) -> str | None:
    """The caller's key. Raises `Invalid` for one that is empty, cannot be stored, or is for other starts."""
    if key is None:
        return None
    empty = "The idempotency key is empty: leave it out, or give one."
    key = storable(key, field="idempotency_key", longest=LONGEST_KEY, missing=empty)
    for owner, prefix in OWN_KEYS.items():
        if key.startswith(prefix) and origin != owner:
            reason = f"Keys that begin with “{prefix}” are those of what a {owner} starts. Use another key."
            raise Invalid(reason, fields={"idempotency_key": reason})
    return key


def _first(asked: _Request, inputs: Callable[[Release], Mapping[str, Received]]) -> Run:
    """The run that has the key, if it was asked for with the same; `inputs` as its release declares them."""
    known = Run.objects.filter(project=asked.workflow.project_id, idempotency_key=asked.key)
    first = known.select_related("release").get()
    if first.request_digest != asked.digest(inputs(first.release)):
        raise WrongState(USED_OTHERWISE)
    return first


def _workflow(release: Release) -> WorkflowContent:
    return plan_of(release.version_id, _digest(release)).workflow


def _digest(release: Release) -> str:
    """The digest of its workflow version."""
    return str(release.contents["workflow"]["sha256"])


def _insert(asked: _Request, release: Release, actor: User, inputs: Mapping[str, Received]) -> Run | None:
    """The new run, committed with all that it starts with; None when its key is taken."""
    organisation, workflow = asked.workflow.project.organisation_id, _workflow(release)
    stamped = {
        "id": uuid7(),
        "organisation_id": organisation,
        "project_id": asked.workflow.project_id,
        "workflow_id": asked.workflow.pk,
        "version_id": release.version_id,
        "release_id": release.pk,
        "environment_id": asked.environment.pk,
        "closure_digest": release.digest,
        "approvals": _approvals(release),
        "reference": asked.reference,
        "idempotency_key": asked.key,
        "request_digest": asked.digest(inputs),
        "origin": str(asked.origin),
        "started_by_id": actor.pk,
        "started_by_name": actor.name,
        "priority": asked.priority,
        "pool": pool_at(workflow, workflow.start),
        "cursor": workflow.start,
    }
    written = rows(
        START,
        {
            **stamped,
            **_given(inputs, organisation),
            "deadline_s": workflow.deadline_s,
            "approvals": orjson.dumps(stamped["approvals"]).decode(),
            "event": Kind.RUN_STARTED.value,
            "details": _details(asked, release, inputs),
        },
    )
    return _as_stored({**stamped, "created_at": written[0].created_at}) if written else None


def _given(inputs: Mapping[str, Received], organisation: UUID) -> dict[str, Any]:
    """The inputs with their contents, digested and indexed before a transaction begins.

    As JSON, which takes a fraction of the time of arrays, but for the bytes.
    """
    contents = ready((given.content for given in inputs.values()), organisation=organisation)
    written = [
        {
            "id": found.identifier,
            "sha256": found.content.sha256,
            "media_type": found.content.media_type,
            "body": place,
            "vector": found.vector,
        }
        for place, found in enumerate(contents, start=1)
    ]
    named = [
        {
            "id": uuid7(),
            "name": name,
            "filename": given.filename,
            "artifact": given.content.identifier(organisation),
            "classification": given.classification,
        }
        for name, given in inputs.items()
    ]
    return {
        "contents": orjson.dumps(written).decode(),
        "bodies": [found.content.body for found in contents],
        "inputs": orjson.dumps(named).decode(),
    }


def _as_stored(columns: Mapping[str, Any]) -> Run:
    """The run as if read with these columns: the others are read when they are asked for."""
    names = [field.attname for field in Run._meta.concrete_fields if field.attname in columns]
    return Run.from_db(DEFAULT_DB_ALIAS, names, [columns[name] for name in names])


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
        for vote in release.request.votes.all()
    ]


def _details(asked: _Request, release: Release, inputs: Mapping[str, Received]) -> bytes:
    return details_bytes(
        {
            "workflow_version": str(release.version),
            "release": str(release),
            "environment": asked.environment.slug,
            "sha256": release.digest,
            "reference": asked.reference,
            "origin": str(asked.origin),
            "inputs": {name: found.content.sha256 for name, found in inputs.items()},
        }
    )
