"""Undoing what a failed or cancelled run has done: its compensations in reverse order, each a durable step.

One that fails for good does not keep the others from being tried.
"""

import time
from collections.abc import Mapping
from dataclasses import replace

from governance.catalog.calls import Call, effect_of
from governance.catalog.parts import Retry
from governance.ledger.kinds import Kind
from runs.durable.checkpoint import checkpoint, still_held
from runs.durable.claim import Claim
from runs.durable.executing import executed, failed
from runs.durable.heartbeat import Pulse, secure
from runs.durable.inputs import Recorded
from runs.durable.lacking import lacking, set_aside
from runs.durable.leaving import leaving
from runs.durable.machine import State
from runs.durable.moves import Move, stopped
from runs.durable.outcomes import Outcome, Wait
from runs.durable.plans import Plan
from runs.durable.retries import delay_before_next
from runs.durable.reviews import begun, unknown
from runs.durable.room import room_for
from runs.durable.told import Told
from runs.durable.undoable import Undoable, in_hand, last_undoable, undoable
from runs.durable.undoing_parts import undo_parts
from runs.durable.visiting import undoing_of
from runs.durable.visits import Visit
from runs.records.failure import Failure
from runs.records.models import Run

# What nobody said of a compensation: it is tried harder than a step.
USUAL = Retry(attempts=5)


def undo(held: Claim, plan: Plan, recorded: Mapping[str, Recorded], pulse: Pulse) -> None:
    """Compensate step after step until all are undone or tried, the lease is lost, or this worker leaves."""
    going: Claim | None = held
    while going is not None and not leaving():
        going = _one(going, plan, recorded)
        pulse.next_step()
    if going is not None:
        checkpoint(going, [], Move(State.COMPENSATING, going.cursor, going.attempt, wake_in=0))


def _one(held: Claim, plan: Plan, recorded: Mapping[str, Recorded]) -> Claim | None:
    """One attempt at one compensation; how the run is held after it, None when it is not any more."""
    step = in_hand(plan, held)
    if step is not None and step.parts:
        return _one_of_parts(held, plan, step)
    call: Call | None = getattr(plan.workflow.node(held.cursor), "compensate", None)
    if step is None or call is None:
        return _moved(held, [], _after(held, plan, None))
    visit = undoing_of(held, plan, recorded, cursor=held.cursor, call=call, undone=step.position)
    if refusal := lacking(visit):
        set_aside(held, refusal)
        return None
    began = time.monotonic()
    wait = room_for(visit)
    result = wait or _attempted(visit, call)
    if result is None:
        return None
    if isinstance(result, Wait):
        pause = 1.0 if result.seconds is None else result.seconds
        # An unsafe attempt that waits has done nothing; the next one is marked as begun anew.
        attempt = held.attempt + (1 if wait is None and effect_of(call) == "unsafe" else 0)
        return _moved(held, [], _later(held, attempt, pause, result.what))
    return _ended(visit, call, result, began, step)


def _one_of_parts(held: Claim, plan: Plan, step: Undoable) -> Claim | None:
    began = time.monotonic()
    result = undo_parts(held, step)
    if isinstance(result, Wait):
        return _asleep(held, result)
    told = _told(held, step, result, began, advances=True)
    return _moved(held, [told], _after(held, plan, told))


def _asleep(held: Claim, wait: Wait) -> Claim | None:
    """None when the run sleeps, or was lost; when something came meanwhile it is held, to look again."""
    move = Move(
        State.COMPENSATING,
        held.cursor,
        held.attempt,
        waits_for=wait.what,
        wake_in=wait.seconds,
        nudges=held.nudges,
        begin=wait.begin,
    )
    if checkpoint(held, [], move) is not None:
        return None
    standing = still_held(held)
    return None if standing is None else replace(held, nudges=standing.nudges)


def _attempted(visit: Visit, call: Call) -> Outcome | Wait | None:
    """What came of the attempt; None when the run was lost before it."""
    if effect_of(call) != "unsafe":
        return executed(visit) if secure(visit.held.run) else None
    found = begun(visit.held)
    if found is None:
        return None
    if not found:
        return replace(failed(visit, unknown(visit.name)), final=True)
    result = executed(visit)
    return result if isinstance(result, Wait) else replace(result, final=True)


def _ended(visit: Visit, call: Call, outcome: Outcome, began: float, step: Undoable) -> Claim | None:
    held, plan = visit.held, visit.plan
    delay = delay_before_next(call.retry or USUAL, attempt=held.attempt, outcome=outcome)
    told = _told(held, step, outcome, began, advances=delay is None)
    if delay is not None:
        return _moved(held, [told], _later(held, held.attempt + 1, delay, Run.WaitsFor.RETRY))
    return _moved(held, [told], _after(held, plan, told))


def _later(held: Claim, attempt: int, seconds: float, waits_for: str) -> Move:
    """To another attempt at the same compensation."""
    return Move(State.COMPENSATING, held.cursor, attempt, waits_for=waits_for, wake_in=seconds)


def _told(held: Claim, step: Undoable, outcome: Outcome, began: float, *, advances: bool) -> Told:
    return Told(
        node=step.node,
        position=held.position,
        attempt=held.attempt,
        outcome=outcome,
        began=began,
        ended=time.monotonic(),
        advances=advances,
        compensates=step.position,
    )


def _after(held: Claim, plan: Plan, told: Told | None) -> Move:
    """To the compensation before this one, or to the end: compensated only when all have succeeded."""
    here = told.compensates if told else None
    before = last_undoable(plan, held, before=here)
    if before is not None:
        return Move(State.COMPENSATING, before.node, held=True)
    undone = {told.compensates} if told and told.outcome.output else set()
    left = [step.node for step in undoable(plan, held) if step.position not in undone]
    if not left:
        return Move(State.COMPENSATED, held.cursor, event=Kind.RUN_COMPENSATED, about={"node": held.cursor})
    names = ", ".join(f"“{node}”" for node in left)
    failure = Failure(
        "compensation_failed",
        "What the run did could not all be undone",
        f"Not undone: {names}. Undo it by hand, or mend what stops the compensation and try again.",
        left[0],
    )
    return stopped(State.COMPENSATION_FAILED, left[-1], failure)


def _moved(held: Claim, told: list[Told], move: Move) -> Claim | None:
    """Commit; how the run is held after it, None when it is not any more."""
    if checkpoint(held, told, move) is None or not move.held:
        return None
    advanced = sum(1 for step in told if step.advances)
    return replace(held, cursor=move.cursor, attempt=move.attempt, position=held.position + advanced)
