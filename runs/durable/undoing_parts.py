"""Undoing a step that ran workflows: they undo what they did themselves, the last one first.

The slices of a map went side by side, and go back side by side.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from governance.ledger.kinds import Kind
from governance.ledger.services import record
from runs.artifacts.store import json_content
from runs.durable.actors import engine
from runs.durable.announce import announce_each
from runs.durable.claim import Claim
from runs.durable.machine import State
from runs.durable.operating import next_attempt
from runs.durable.outcomes import Outcome, Wait
from runs.durable.parts import all_ended
from runs.durable.undoable import Undoable, last_left
from runs.records.failure import Failure
from runs.records.models import Run, Step

# The last part to end wakes its whole with the same commit; each look besides is an event for ever.
LOOK_AGAIN_SECONDS = 86_400.0
LARGEST_OUTPUT = 1_000_000


def undo_parts(held: Claim, step: Undoable) -> Outcome | Wait:
    """What came of it, once none of the parts has anything left that can be undone; until then a wait."""
    parts = _parts(held, step)
    if not all_ended(parts):
        return Wait(Run.WaitsFor.PARTS, seconds=LOOK_AGAIN_SECONDS)
    since = _tried_at(held, step)
    left = [part for part in parts if _may_undo(part, since) and last_left(part)]
    if left:
        chosen = left if left[0].first_item is not None else left[-1:]
        return Wait(Run.WaitsFor.PARTS, seconds=LOOK_AGAIN_SECONDS, begin=lambda: _send_back(chosen))
    kind = "map" if parts and parts[0].first_item is not None else "subrun"
    stuck = [part for part in parts if part.state == State.COMPENSATION_FAILED]
    if stuck:
        return Outcome(kind, failure=_not_undone(stuck, step.node), final=True)
    undone = sum(part.state == State.COMPENSATED for part in parts)
    return Outcome(kind, output=json_content({"undone": undone}, max_bytes=LARGEST_OUTPUT, what="The output"))


def _parts(held: Claim, step: Undoable) -> list[Run]:
    """Those of the step; of a slice those of all its items."""
    parts = Run.objects.filter(parent=held.run).select_related("version__asset").order_by("id")
    return list(parts if held.first_item is not None else parts.filter(parent_position=step.position))


def _tried_at(held: Claim, step: Undoable) -> datetime | None:
    """When undoing the step failed for the last time."""
    tried = Step.objects.filter(run=held.run, compensates=step.position, state=Step.State.FAILED)
    found: datetime | None = tried.aggregate(last=Max("finished_at"))["last"]
    return found


def _may_undo(part: Run, since: datetime | None) -> bool:
    """Whether it has not been tried, or somebody wants it tried again."""
    if part.state == State.COMPENSATION_FAILED:
        return since is not None and part.finished_at is not None and part.finished_at <= since
    return part.state in {State.SUCCEEDED, State.FAILED, State.QUARANTINED}


def _send_back(parts: list[Run]) -> None:
    """In this transaction. Whoever locks a part before its whole is not waited for; it is tried again."""
    for part in parts:
        found = Run.objects.select_for_update(of=("self",), nowait=True).get(pk=part.pk)
        if found.state == part.state and (last := last_left(found)):
            _compensate(found, last)
    sent = [part.pk for part in parts]
    transaction.on_commit(lambda: announce_each(sent))


def _compensate(part: Run, last: str) -> None:
    before, again = part.state, part.state == State.COMPENSATION_FAILED
    part.attempt = next_attempt(part) if again else 1
    part.position += 0 if again else 1
    part.error = Failure("undone_with_its_whole", "Undone with the run that it is a part of", "", last)
    part.state, part.cursor, part.recoveries = State.COMPENSATING, last, 0
    part.finished_at, part.wake_at, part.waits_for, part.asked = None, Now(), "", ""
    part.save()
    record(
        Kind.RUN_COMPENSATING,
        actor=engine(),
        organisation=part.organisation_id,
        about=("run", part.pk),
        run=part.pk,
        details={"node": last, "was": before, "parent": str(part.parent_id)},
    )


def _not_undone(stuck: list[Run], node: str) -> Failure:
    return Failure(
        "parts_not_undone",
        "What the step's runs did could not all be undone",
        f"{len(stuck)} of them could not undo what they did, the first is run {stuck[0].pk}.",
        node,
    )
