"""What is asked of a run and needs no plan of it: nobody waits with that for a worker that has its code."""

from runs.durable.checkpoint import settled
from runs.durable.claim import Claim
from runs.durable.machine import State
from runs.durable.moves import Move, paused
from runs.durable.parts import has_parts_under_way
from runs.durable.reviews import left_open
from runs.durable.undoable import ended_by_cancel, last_left
from runs.records.models import Run


def served(held: Claim) -> Claim | None:
    """Pause or cancel the run if that is asked and possible; None when it has stopped or was lost."""
    going: Claim | None = held
    while going is not None and (move := _move_of(going)) is not None:
        going = settled(going, [], move)
    return going


def _move_of(held: Claim) -> Move | None:
    """Where it stops. A run is not cancelled without a plan that has something to undo, or to ask before."""
    if held.state != State.RUNNING:
        return None
    if held.asked == Run.Asked.PAUSE:
        return paused(held.cursor, attempt=held.attempt)
    if held.asked != Run.Asked.CANCEL or has_parts_under_way(held.run):
        return None
    open_here = left_open(held.run, position=held.position, attempt=held.attempt)
    run = Run.objects.select_related("version__asset").get(pk=held.run)
    return None if open_here or last_left(run) else ended_by_cancel(held.cursor, attempt=held.attempt)
