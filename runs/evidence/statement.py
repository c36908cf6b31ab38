"""The statement: what the portal says of a run, a release or a period, bound to the records that prove it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from governance.accounts.models import User
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.merkle.tree import leaf_hash
from governance.releases.models import Release
from runs.evidence.gathering import Gathered, versions_of
from runs.evidence.materials import Material
from runs.evidence.subject import About, Subject, stamp
from runs.evidence.verifier.envelope import PREDICATE_TYPE, STATEMENT_TYPE
from runs.evidence.verifier.events import digest_of_events, read_record
from runs.evidence.verifier.relations import relations_of
from runs.lineage.models import Edge
from runs.records.models import Run, RunInput, Step

FORMAT: Final = 1
Facts = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """Who asked for the bundle, what for, and why."""

    actor: User
    purpose: str
    reason: str
    at: datetime


def predicate_of(
    gathered: Gathered,
    materials: Sequence[Material],
    records: Sequence[bytes],
    request: Request,
    version: str,
) -> Facts:
    """All that the statement says but for the parts written later. `records` are in the log's order."""
    subject, leaves = gathered.subject, [leaf_hash(record) for record in records]
    organisation = subject.organisation
    return {
        "format": FORMAT,
        "about": _about(subject),
        "organisation": {"id": str(organisation.pk), "slug": organisation.slug, "name": organisation.name},
        "made": {
            "at": stamp(request.at),
            "by": str(request.actor.pk),
            "by_name": request.actor.name,
            "purpose": request.purpose,
            "reason": request.reason,
            "product": f"Countersign {version}",
        },
        "runs": _runs(gathered),
        "releases": [_release(release, gathered.events) for release in gathered.releases],
        "materials": [_material(each) for each in materials],
        "relations": relations_of([read_record(record) for record in records]),
        "events": {
            "count": len(leaves),
            "digest": digest_of_events(leaves),
            "leaves": [leaf.hex() for leaf in leaves],
        },
        "disclosures": [],
    }


def statement_of(predicate: Mapping[str, Any], outputs: Mapping[str, str]) -> Facts:
    """The in-toto statement about these outputs: name by SHA-256."""
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": outputs[digest], "digest": {"sha256": digest}} for digest in sorted(outputs)],
        "predicateType": PREDICATE_TYPE,
        "predicate": dict(predicate),
    }


def outputs_of(gathered: Gathered) -> dict[str, str]:
    """What was made, by digest: of one step where the bundle is about its output, else of every step."""
    subject = gathered.subject
    made = [step for step in gathered.steps if step.output is not None and "copied_from" not in step.facts]
    if subject.kind == About.OUTPUT:
        made = [step for step in made if step.pk == subject.id] or made
    return {step.output.sha256: f"output of {step.node} ({step.pk})" for step in made if step.output}


def _about(subject: Subject) -> Facts:
    found: Facts = {"kind": subject.kind.value, "id": str(subject.id), "title": subject.title}
    found |= {"project": subject.project.slug}
    if subject.kind == About.OUTPUT:
        found["step"] = str(subject.id)
    if subject.first is not None and subject.until is not None:
        found |= {"from": stamp(subject.first), "until": stamp(subject.until)}
    return found


def _runs(gathered: Gathered) -> list[Facts]:
    steps: dict[UUID, list[Step]] = defaultdict(list)
    edges: dict[UUID, list[Edge]] = defaultdict(list)
    inputs: dict[UUID, list[RunInput]] = defaultdict(list)
    for step in gathered.steps:
        steps[step.run_id].append(step)
    for edge in gathered.edges:
        edges[edge.step_id].append(edge)
    for given in gathered.inputs:
        inputs[given.run_id].append(given)
    return [
        {
            **_run(run),
            "inputs": [_given(given) for given in inputs[run.pk]],
            "steps": [_step(step, edges[step.pk]) for step in steps[run.pk]],
        }
        for run in gathered.runs
    ]


def _run(run: Run) -> Facts:
    return _without_none(
        {
            "id": str(run.pk),
            "reference": run.reference,
            "workflow": run.workflow.slug,
            "workflow_version": str(run.version),
            "environment": run.environment.slug,
            "release": str(run.release_id),
            "closure_sha256": run.closure_digest,
            "origin": run.origin,
            "state": run.state,
            "started_by": str(run.started_by_id),
            "started_by_name": run.started_by_name,
            "created_at": stamp(run.created_at),
            "finished_at": stamp(run.finished_at) if run.finished_at else None,
            "parent": str(run.parent_id) if run.parent_id else None,
            "source": str(run.source_id) if run.source_id else None,
            "replaced": run.overrides or None,
        }
    )


def _given(given: RunInput) -> Facts:
    return {
        "name": given.name,
        "filename": given.filename,
        "sha256": given.artifact.sha256,
        "artifact": str(given.artifact_id),
        "classification": given.classification,
    }


def _step(step: Step, edges: Sequence[Edge]) -> Facts:
    return _without_none(
        {
            "id": str(step.pk),
            "node": step.node,
            "kind": step.kind,
            "state": step.state,
            "position": step.position,
            "attempt": step.attempt,
            "item": step.item,
            "compensates": step.compensates,
            "function": step.function or None,
            "chosen": step.chosen or None,
            "prompt": str(step.prompt_version) if step.prompt_version else None,
            "prompt_version": str(step.prompt_version_id) if step.prompt_version_id else None,
            "model": str(step.model_version) if step.model_version else None,
            "model_version": str(step.model_version_id) if step.model_version_id else None,
            "output_sha256": step.output.sha256 if step.output else None,
            "classification": step.classification,
            "started_at": stamp(step.started_at),
            "finished_at": stamp(step.finished_at),
            "copied_from": step.facts.get("copied_from"),
            "contents": [_edge(edge) for edge in edges],
        }
    )


def _edge(edge: Edge) -> Facts:
    """What the step read, sent, was answered or made; `source` says where it read it."""
    return {
        "role": edge.role,
        "name": edge.name,
        "source": edge.source,
        "sha256": edge.artifact.sha256,
        "artifact": str(edge.artifact_id),
    }


def _release(release: Release, events: Sequence[Event]) -> Facts:
    votes = {
        event.details["vote"]: event
        for event in events
        if event.kind == Kind.APPROVAL_VOTED and event.object_id == release.request_id
    }
    return {
        "id": str(release.pk),
        "title": str(release),
        "environment": release.environment.slug,
        "protected": release.environment.protected,
        "request": str(release.request_id),
        "closure_sha256": release.digest,
        "submitted_by": str(release.submitted_by_id),
        "submitted_by_name": release.submitted_by.name,
        "submitted_at": stamp(release.submitted_at),
        "state": release.request.state,
        "quorum": release.request.quorum,
        "versions": versions_of(release),
        "approvals": [
            {
                "event": str(votes[str(vote.pk)].pk) if str(vote.pk) in votes else "",
                "person": str(vote.person_id),
                "person_name": vote.person_name,
                "decision": vote.decision,
                "meaning": vote.meaning,
                "reason": vote.reason,
                "sha256": vote.digest,
                "at": stamp(vote.at),
            }
            for vote in release.request.votes.all()
        ],
        "activations": [
            {"kind": each.kind, "by_name": each.actor_name, "reason": each.reason, "at": stamp(each.at)}
            for each in release.activations.all()
        ],
    }


def _material(material: Material) -> Facts:
    return {
        "sha256": material.sha256,
        "media_type": material.media_type,
        "size": material.size,
        "classification": material.classification,
        "artifact": str(material.artifact) if material.artifact else None,
        "roles": sorted(material.roles),
    }


def _without_none(facts: Facts) -> Facts:
    return {name: value for name, value in facts.items() if value is not None}
