"""A claimed run on its way: executing node after node and committing what came of it."""

import logging
import time
from dataclasses import dataclass, field, replace
from uuid import UUID

from governance.releases.clearance import NotCapable
from runs.artifacts.store import value_of
from runs.durable.announce import announce
from runs.durable.budget import delay_within_budget
from runs.durable.bundles import is_full, is_quick
from runs.durable.cancel import parts_end_first
from runs.durable.checkpoint import checkpoint, settled, still_held
from runs.durable.claim import Claim
from runs.durable.executing import executed
from runs.durable.failures import OVERDUE, Overtaken
from runs.durable.heartbeat import Pulse, secure
from runs.durable.inputs import Recorded
from runs.durable.lacking import lacking, set_aside
from runs.durable.leaving import leaving
from runs.durable.machine import State, next_node
from runs.durable.moves import (
    Move,
    asleep,
    handed_over,
    onward,
    paused,
    retried,
    stopped,
    succeeded,
    undone_from,
)
from runs.durable.outcomes import Outcome, Wait
from runs.durable.plans import Plan
from runs.durable.pools import pool_asleep, pool_of
from runs.durable.reviews import OUTCOME_UNKNOWN, begun, left_open, unknown
from runs.durable.room import room_for
from runs.durable.told import Told
from runs.durable.undoable import cancelled, last_of_failed
from runs.durable.visiting import visit_of
from runs.durable.visits import Visit, is_unsafe
from runs.records.failure import Failure
from runs.records.models import Run

log = logging.getLogger(__name__)
# Then others have their turn; a run that is handed over keeps its place in the queue.
LONGEST_TURN_SECONDS = 60.0


@dataclass
class Journey:
    """A claimed run: where it stands, the values recorded so far, and the steps not committed yet."""

    claim: Claim
    plan: Plan
    recorded: dict[str, Recorded] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    cursor: str = ""
    attempt: int = 1
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        """Begin where the run stands."""
        self.cursor, self.attempt = self.claim.cursor, self.claim.attempt

    def travel(self, pulse: Pulse) -> None:
        """Execute and commit until the run ends, waits, is fenced, or this worker leaves.

        A run whose compensation has begun does not go forward any more.
        """
        while self.claim.state == State.RUNNING and self._asked() and self._step():
            pulse.next_step()

    def _asked(self) -> bool:
        """Do what an operator asked meanwhile; whether the run goes on."""
        while self.claim.asked or self.claim.overdue:
            if self._obeyed():
                return False
        return True

    def _obeyed(self) -> bool:
        """Whether that is done; not when something else was asked meanwhile."""
        if self.claim.asked == Run.Asked.PAUSE:
            return self._settled(paused(self.cursor, attempt=self.attempt))
        if self._left_open():
            self._ask_for_review()
        elif parts_end_first(self.claim):
            return not self._fall_asleep(Wait(Run.WaitsFor.PARTS), Run.Pool.IO)
        elif self.claim.asked != Run.Asked.CANCEL:
            return self._stop(OVERDUE)
        else:
            self._cancel()
        return True

    def _left_open(self) -> bool:
        """Whether a worker that stopped had begun the step at which the run stands, and it is unsafe."""
        standing = self.claim
        at = {"position": standing.position, "attempt": standing.attempt}
        return not self.told and left_open(standing.run, **at)

    def _ask_for_review(self) -> None:
        self._commit(stopped(State.NEEDS_REVIEW, self.cursor, unknown(self.cursor), attempt=self.attempt))

    def _step(self) -> bool:
        """One step, or what must come before it; whether the run goes on here."""
        position = self.claim.position + len(self.told)
        visit = visit_of(
            self.claim, self.plan, self.recorded, cursor=self.cursor, position=position, attempt=self.attempt
        )
        lacks = lacking(visit)
        if self.told and (lacks or not is_quick(visit)):
            return self._commit(onward(self.cursor))
        if self._left_to_others(visit, lacks):
            return False
        wait = room_for(visit)
        if wait is None and not self._may_begin(visit):
            return False
        began = time.monotonic()
        result = wait or executed(visit)
        if isinstance(result, Wait):
            # An unsafe attempt that waits has done nothing; the next one is marked as begun anew.
            self.attempt += 1 if wait is None and is_unsafe(visit) else 0
            return self._fall_asleep(result, pool_asleep(visit))
        try:
            return (self._failed if result.output is None else self._went_on)(visit, result, began)
        except Overtaken:
            return self._look_again(visit)

    def _look_again(self, visit: Visit) -> bool:
        """What the outcome took to be missing came first: nothing of it is committed."""
        del self.told[-1]
        self.cursor, self.attempt = visit.name, visit.attempt
        return self._refreshed()

    def _went_on(self, visit: Visit, outcome: Outcome, began: float) -> bool:
        self._tell(visit, outcome, began, advances=True)
        following = self._following(visit, outcome)
        if following is None:
            return self.end(succeeded(visit.name, self._output()))
        self.cursor, self.attempt = following, 1
        if is_quick(visit) and outcome.consumed is None and not leaving() and not is_full(self.told):
            return True
        return self._commit(onward(following))

    def end(self, move: Move) -> bool:
        """To the end, unless the run was asked to be cancelled meanwhile: then what it did is undone."""
        while not self._settled(move):
            if self.claim.asked == Run.Asked.CANCEL:
                self._cancel()
                break
        return False

    def _settled(self, move: Move) -> bool:
        """Whether the run has stopped there, or was lost; not when something came meanwhile."""
        again = settled(self.claim, self.told, move)
        self.claim = again or self.claim
        return again is None

    def _following(self, visit: Visit, outcome: Outcome) -> str | None:
        """The node that comes next; of a slice its map again, until its last item."""
        if visit.item is not None:
            return None if visit.item + 1 == self.claim.end_item else visit.name
        if outcome.output is None:
            raise ValueError("a node that has no output is not left behind")
        self.recorded[visit.name] = Recorded(
            artifact=outcome.output.identifier(self.claim.organisation),
            value=value_of(outcome.output.body, outcome.output.media_type),
            classification=outcome.classification,
        )
        return next_node(self.plan.workflow, visit.name, outcome.chosen)

    def _failed(self, visit: Visit, outcome: Outcome, began: float) -> bool:
        failure = outcome.failure or Failure("no_output", "The step gave neither an output nor a reason")
        delay = None
        if is_unsafe(visit):
            if failure.code in OUTCOME_UNKNOWN:
                self._tell(visit, outcome, began, advances=False)
                return self._commit(stopped(State.NEEDS_REVIEW, self.cursor, failure, attempt=self.attempt))
        else:
            delay = delay_within_budget(visit, outcome)
        if delay is not None:
            self._tell(visit, outcome, began, advances=False)
            return self._commit(retried(self.cursor, failure, attempt=self.attempt + 1, delay=delay))
        return self._gave_up(visit, outcome, began, failure)

    def _gave_up(self, visit: Visit, outcome: Outcome, began: float, failure: Failure) -> bool:
        undo = last_of_failed(self.plan, self.claim, self.told)
        self._tell(visit, outcome, began, advances=undo is not None)
        if undo is None:
            return self.end(stopped(State.FAILED, self.cursor, failure, attempt=self.attempt))
        return self._commit(undone_from(undo.node, failure))

    def _stop(self, failure: Failure) -> bool:
        """Stop before the next step; what was done is undone where that is defined. As `_settled`."""
        undo = last_of_failed(self.plan, self.claim, self.told)
        if undo is None:
            return self._settled(stopped(State.FAILED, self.cursor, failure, attempt=self.attempt))
        self._commit(undone_from(undo.node, failure, skip=1))
        return True

    def _cancel(self) -> None:
        move = cancelled(self.plan, self.claim, self.told, cursor=self.cursor, attempt=self.attempt)
        self._commit(move)

    def _fall_asleep(self, wait: Wait, pool: str) -> bool:
        move = asleep(self.cursor, wait, attempt=self.attempt, nudges=self.claim.nudges, pool=pool)
        if checkpoint(self.claim, self.told, move) is not None:
            return False
        if not self._refreshed():
            return False
        if self.attempt != self.claim.attempt:
            return self._commit(replace(onward(self.cursor), attempt=self.attempt))
        return True  # something came meanwhile: look again

    def _refreshed(self) -> bool:
        """Whether the run is still this worker's, and with what came meanwhile."""
        standing = still_held(self.claim)
        if standing is None:
            return self._lost()
        self.claim = replace(self.claim, nudges=standing.nudges, asked=standing.asked)
        return True

    def _may_begin(self, visit: Visit) -> bool:
        """Whether the run is still this worker's; an unsafe attempt is marked as begun."""
        if is_unsafe(visit) and not self._begin():
            return False
        return secure(self.claim.run) or self._lost()

    def _begin(self) -> bool:
        """Mark that an unsafe attempt begins; whether it may."""
        found = begun(self.claim)
        if found is None:
            return self._lost()
        if not found:
            self._ask_for_review()
        return found

    def _hand_over(self, pool: str) -> bool:
        if checkpoint(self.claim, self.told, handed_over(self.cursor, attempt=self.attempt, pool=pool)):
            announce([self.claim.run], pool=pool)
        return False

    def _left_to_others(self, visit: Visit, lacks: NotCapable | None) -> bool:
        """Whether other workers execute the step: those of another pool, or those that can."""
        if lacks:
            set_aside(self.claim, lacks)
        elif (pool := pool_of(visit)) != self.claim.pool:
            self._hand_over(pool)
        else:
            return False
        return True

    def _output(self) -> UUID | None:
        """The run's output; a slice has none of its own."""
        return None if self.claim.item is not None else self.recorded[self.plan.workflow.output].artifact

    def _tell(self, visit: Visit, outcome: Outcome, began: float, *, advances: bool) -> None:
        self.told.append(
            Told(
                node=visit.name,
                position=visit.position,
                attempt=visit.attempt,
                outcome=outcome,
                began=began,
                ended=time.monotonic(),
                advances=advances,
                item=visit.item,
            )
        )

    def _commit(self, move: Move) -> bool:
        """Commit what was told and the move; whether the run goes on here, forward."""
        standing = checkpoint(self.claim, self.told, move)
        if standing is None:
            return self._lost()
        advanced = sum(1 for step in self.told if step.advances) + move.skip
        self.told = []
        self.claim = replace(
            self.claim,
            state=move.state,
            cursor=move.cursor,
            position=self.claim.position + advanced,
            attempt=move.attempt,
            nudges=standing.nudges,
            asked=standing.asked,
            overdue=standing.overdue,
            waited=None if advanced else self.claim.waited,
            waiting_s=0.0 if advanced else self.claim.waiting_s,
        )
        if move.state != State.RUNNING:
            return False
        if leaving() or time.monotonic() - self.began > LONGEST_TURN_SECONDS:
            return self._hand_over(self.claim.pool)
        return True

    def _lost(self) -> bool:
        log.warning("run %s was taken over at %s: the result is thrown away", self.claim.run, self.cursor)
        return False
