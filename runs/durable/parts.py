"""The runs that a run is made of: a workflow that a step runs, and the slices of a map's items."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from governance.ledger.identity import uuid7
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from runs.durable.actors import engine
from runs.durable.announce import announce
from runs.durable.claim import Claim
from runs.durable.machine import ENDED, State
from runs.records.models import Run, RunInput

STAMPED = (
    "organisation_id",
    "project_id",
    "release_id",
    "environment_id",
    "closure_digest",
    "approvals",
    "reference",
    "started_by_id",
    "started_by_name",
    "priority",
    "deadline_at",
    "memory_snapshot",
    "overrides",
)


@dataclass(frozen=True)
class Handed:
    """A value that a subrun is given as an input: an artifact that the parent has recorded."""

    artifact: UUID
    classification: str


def parts_of(held: Claim, position: int) -> list[Run]:
    """The parts that a step of this run has, in the order in which they were made."""
    return list(Run.objects.filter(parent=held.run, parent_position=position).order_by("id"))


def all_ended(parts: Sequence[Run]) -> bool:
    """Whether none of them will change any more by itself."""
    return all(part.state in ENDED for part in parts)


def cut(parent: Claim, position: int, *, items: int, at_once: int) -> None:
    """In this transaction: slices for so many items, as even as can be, no more than `at_once`."""
    run = Run.objects.get(pk=parent.run)
    for first, end in bounds(items, at_once):
        _add(
            run,
            position,
            version=run.version_id,
            workflow=run.workflow_id,
            cursor=run.cursor,
            items=(first, end),
        )


def bounds(items: int, at_once: int) -> list[tuple[int, int]]:
    """The first item of each slice, and the one after its last."""
    count = min(items, at_once)
    return list(itertools.pairwise(items * index // count for index in range(count + 1)))


def begin_workflow(
    parent: Claim, position: int, *, version: UUID, workflow: UUID, cursor: str, inputs: Mapping[str, Handed]
) -> None:
    """In this transaction: a run of a pinned workflow version, with what it reads."""
    run = Run.objects.get(pk=parent.run)
    _add(run, position, version=version, workflow=workflow, cursor=cursor, inputs=inputs)


def _add(
    parent: Run,
    position: int,
    *,
    version: UUID,
    workflow: UUID,
    cursor: str,
    inputs: Mapping[str, Handed] | None = None,
    items: tuple[int, int] | None = None,
) -> None:
    """The part with its inputs and its event; a worker is told of it once it stands."""
    stamped = {name: getattr(parent, name) for name in STAMPED}
    if items is None:
        stamped["overrides"] = {}  # they name nodes of the parent's workflow
    part = Run(
        id=uuid7(),
        **stamped,
        parent=parent,
        parent_position=position,
        version_id=version,
        workflow_id=workflow,
        cursor=cursor,
        first_item=items[0] if items else None,
        end_item=items[1] if items else None,
        request_digest=parent.request_digest,
        origin=Run.Origin.ITEMS if items else Run.Origin.SUBRUN,
        ready_at=Now(),
        state=State.QUEUED,
    )
    part.save(force_insert=True)
    RunInput.objects.bulk_create(
        RunInput(run=part, name=name, artifact_id=given.artifact, classification=given.classification)
        for name, given in (inputs or {}).items()
    )
    details = {"parent": str(parent.pk), "node": parent.cursor, "position": position}
    if items:
        details |= {"first_item": items[0], "end_item": items[1]}
    record(
        Kind.RUN_STARTED,
        actor=engine(),
        organisation=parent.organisation_id,
        about=("run", part.pk),
        run=part.pk,
        details=details,
    )
    transaction.on_commit(lambda: announce([part.pk], pool=part.pool))
