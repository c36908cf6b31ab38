"""Committing where runs go: one statement, one round trip, each fenced by its lease's epoch."""

import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from governance.ledger.services import details_bytes
from runs.durable.actors import engine
from runs.durable.announce import announce, announce_each
from runs.durable.claim import Claim
from runs.durable.discarding import discard
from runs.durable.machine import State
from runs.durable.moves import Move
from runs.durable.patience import patiently
from runs.durable.statements import DATABASE_ERRORS, Statement, rows
from runs.durable.told import Told, artifact_values, step_values
from runs.people.closing import withdraw_tasks
from runs.records.models import Run, Step

log = logging.getLogger(__name__)
# In these a run still waits for what it has asked of people.
GOING_ON = frozenset({State.RUNNING, State.READY, State.WAITING, State.PAUSED})


@dataclass(frozen=True)
class Standing:
    """What came from outside up to the commit: the count of nudges, what an operator asks, the deadline.

    Of a part that has ended: whether its whole undoes what it did, and is to be looked at now.
    """

    nudges: int
    asked: str
    overdue: bool = False
    whole_undoes: bool = False


@dataclass(frozen=True)
class Passage:
    """A run, what was executed of it, and where it goes from there."""

    held: Claim
    told: Sequence[Told]
    move: Move

    @property
    def plain(self) -> bool:
        """Whether nothing else is to be done in the transaction that commits it."""
        alone = self.move.begin is not None or any(step.outcome.consumed for step in self.told)
        return not alone and self.held.waited is None and self.held.parent is None


def checkpoint(held: Claim, told: Sequence[Told], move: Move) -> Standing | None:
    """Commit the steps and the run's move. None when the lease was lost: the results are thrown away, and
    what they cost is counted.

    None also when the run should fall asleep and something came for it meanwhile; `still_held` tells. When
    the connection breaks, nobody knows whether the commit happened: the rows are asked, and no step is run
    again.
    """
    passage = Passage(held, told, move)
    standing = patiently(lambda: _committed(passage, _values([passage])))
    if standing is None and told and still_held(held) is None:
        patiently(lambda: discard(held, told))
    if standing is not None and move.ends and held.parent is not None:
        _tell_whole(held.parent, undoes=standing.whole_undoes)
    if standing is not None and standing.asked and move.state == State.WAITING:
        # Instead of falling asleep it sees what is asked of it.
        announce([held.run], pool=move.pool or held.pool)
    return standing


def checkpoint_together(passages: Sequence[Passage]) -> set[UUID]:
    """Commit what is plain of several runs at once; the runs that moved.

    The others were lost or something came for them meanwhile: each is to be committed alone, which tells.
    All of them are when the statement failed, for one of them or for the connection.
    """
    try:
        return set(_written(passages, _values(passages)))
    except DATABASE_ERRORS:
        log.warning("%d runs could not be committed together", len(passages), exc_info=True)
        return set()


def _tell_whole(whole: UUID, *, undoes: bool) -> None:
    """The statement has woken it: in no queue, or in the pool in which whoever waits for parts is."""
    if undoes:
        announce_each([whole])
    else:
        announce([whole], pool=Run.Pool.IO)


def still_held(held: Claim) -> Standing | None:
    """What has come for a run that this worker holds; None when it does not hold it any more."""
    found = rows(Statement.HOLDING, {"run": held.run, "epoch": held.epoch})
    return Standing(found[0].nudges, found[0].asked) if found else None


def settled(held: Claim, told: Sequence[Told], move: Move) -> Claim | None:
    """To a stop, unless something came from outside since `held` was read: then the run with what came.

    None when the run has stopped, or was lost.
    """
    if checkpoint(held, told, replace(move, nudges=held.nudges)) is not None:
        return None
    standing = still_held(held)
    if standing is None:
        log.warning("run %s was taken over at %s: the result is thrown away", held.run, held.cursor)
        return None
    return replace(held, nudges=standing.nudges, asked=standing.asked)


def _committed(passage: Passage, values: Mapping[str, Any]) -> Standing | None:
    held, told, move = passage.held, passage.told, passage.move
    also = [step.outcome.consumed for step in told if step.outcome.consumed]
    begin = [move.begin] if move.begin else []
    if held.waited and held.waited.what == Run.WaitsFor.PERSON and move.state not in GOING_ON:
        begin.append(lambda: withdraw_tasks(held.run, actor=engine(), organisation=held.organisation))
    # What must stand with the step is written with it; a checkpoint alone needs no transaction around it.
    with transaction.atomic() if also or begin else nullcontext():
        standing = _written([passage], values).get(held.run)
        if standing is not None:
            for act, step in zip(also, [step for step in told if step.outcome.consumed], strict=True):
                act(step.id)
            for opened in begin:
                opened()
            return standing
    # A question of its own: the statement does not see what was committed while it waited.
    if told and Step.objects.filter(pk=told[-1].id).exists():
        return Standing(held.nudges, "")
    return None


def _written(passages: Sequence[Passage], values: Mapping[str, Any]) -> dict[UUID, Standing]:
    """What stands of those runs that moved."""
    executed = [(passage.held, passage.told) for passage in passages]
    found = rows(Statement.CHECKPOINT, {**values, **step_values(executed, now=time.monotonic())})
    return {
        row.id: Standing(row.nudges, row.asked, bool(row.overdue), bool(row.whole_undoes)) for row in found
    }


def _values(passages: Sequence[Passage]) -> dict[str, Any]:
    """All that does not hang on the time at which it is written."""
    actor = engine()
    return {
        "moves": orjson.dumps(
            [_move(passage.held, passage.told, passage.move) for passage in passages]
        ).decode(),
        "actor": actor.pk,
        "actor_name": actor.name,
        **artifact_values([(passage.held, passage.told) for passage in passages]),
    }


def _move(held: Claim, told: Sequence[Told], move: Move) -> dict[str, Any]:
    outcomes = [step.outcome for step in told]
    return {
        "run": held.run,
        "epoch": held.epoch,
        "position": held.position,
        "nudges": move.nudges,
        "state": str(move.state),
        "cursor": move.cursor,
        "advance": sum(1 for step in told if step.advances) + move.skip,
        "next_attempt": move.attempt,
        "error": move.failure.stored() if move.failure else None,
        "output": move.output,
        "tokens_in": sum(outcome.tokens_in or 0 for outcome in outcomes),
        "tokens_out": sum(outcome.tokens_out or 0 for outcome in outcomes),
        "cost": str(sum((outcome.cost or Decimal(0) for outcome in outcomes), Decimal(0))),
        "priced": all(outcome.priced for outcome in outcomes),
        "pool": str(move.pool or held.pool),
        "waits_for": str(move.waits_for),
        "wake_in": move.wake_in,
        "wake_at": move.wake_at,
        "ended": move.ends,
        "held": move.held,
        "event": str(move.event),
        "about": details_bytes(move.about).decode(),
    }
