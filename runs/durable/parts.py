"""The runs that a run is made of: a workflow that a step runs, and the slices of a map's items."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from governance.catalog.calls import Call
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from runs.durable.actors import engine
from runs.durable.claim import Claim
from runs.durable.machine import ENDED
from runs.durable.plans import PinnedWorkflow
from runs.durable.pools import pool_at, pool_for
from runs.durable.queueing import announce_ready
from runs.records.derived import derived
from runs.records.models import Run, RunInput


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


def has_parts_under_way(run: UUID) -> bool:
    """Whether something is a part of the run that has not ended."""
    return Run.objects.filter(parent=run).exclude(state__in=ENDED).exists()


def cut(parent: Claim, position: int, *, items: int, at_once: int, each: Call) -> None:
    """In this transaction: slices for so many items, as even as can be, no more than `at_once`."""
    run = Run.objects.get(pk=parent.run)
    for first, end in bounds(items, at_once):
        items_of = {"first_item": first, "end_item": end}
        part = derived(run, cursor=run.cursor, origin=Run.Origin.ITEMS, pool=pool_for(each), **items_of)
        _add(run, position, part, items_of)


def bounds(items: int, at_once: int) -> list[tuple[int, int]]:
    """The first item of each slice, and the one after its last."""
    count = min(items, at_once)
    return list(itertools.pairwise(items * index // count for index in range(count + 1)))


def begin_workflow(
    parent: Claim, position: int, *, pinned: PinnedWorkflow, inputs: Mapping[str, Handed]
) -> None:
    """In this transaction: a run of a pinned workflow version, with what it reads."""
    run, begins = Run.objects.get(pk=parent.run), pinned.content.start
    part = derived(
        run,
        version_id=pinned.version,
        workflow_id=pinned.asset,
        cursor=begins,
        origin=Run.Origin.SUBRUN,
        overrides={},  # they name nodes of the parent's workflow
        pool=pool_at(pinned.content, begins),
    )
    given = [
        RunInput(run=part, name=name, artifact_id=found.artifact, classification=found.classification)
        for name, found in inputs.items()
    ]
    _add(run, position, part, {}, given)


def _add(
    parent: Run, position: int, part: Run, bounded: Mapping[str, int], inputs: Sequence[RunInput] = ()
) -> None:
    """The part with its inputs and its event; a worker is told of it once it stands."""
    part.parent, part.parent_position, part.deadline_at = parent, position, parent.deadline_at
    part.save(force_insert=True)
    RunInput.objects.bulk_create(inputs)
    details = {"parent": str(parent.pk), "node": parent.cursor, "position": position, **bounded}
    record(
        Kind.RUN_STARTED,
        actor=engine(),
        organisation=parent.organisation_id,
        about=("run", part.pk),
        run=part.pk,
        details=details,
    )
    announce_ready([part])
