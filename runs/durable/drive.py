"""Moving runs forward: claim one, see that it may run here, and let it travel."""

import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from uuid import UUID

from governance.errors import DomainError
from governance.releases.clearance import NotCapable, NotCleared, clear
from governance.releases.models import Release
from runs.artifacts.opening import UNREACHED, ArtifactDamaged, ContentRemoved
from runs.durable.announce import nudge
from runs.durable.asked import served
from runs.durable.bundles import is_quick_throughout
from runs.durable.checkpoint import settled
from runs.durable.claim import Claim, claim, claim_next
from runs.durable.convoy import Member, arrive, give_back
from runs.durable.heartbeat import Pulse, held
from runs.durable.inputs import Recorded
from runs.durable.journey import Journey
from runs.durable.lacking import set_aside
from runs.durable.leaving import leaving
from runs.durable.machine import State
from runs.durable.moves import stopped
from runs.durable.plans import Plan, plan_under
from runs.durable.recordings import Stored, recorded_of, stored_of
from runs.durable.remembering import pinned
from runs.durable.statements import DATABASE_ERRORS
from runs.durable.telling import Relay, short
from runs.durable.turns import TURNS
from runs.durable.undoing import undo
from runs.durable.unforeseen import unforeseen
from runs.records.failure import Failure
from runs.records.models import Run

log = logging.getLogger(__name__)
# How long one message keeps a thread: then the next message is taken, and the broker hears of this one.
SLICE_SECONDS = 5.0
# What others are claiming at this moment still seems to wait; then it does not any more.
SETTLED_AFTER_SECONDS = 0.01
# So long those that were taken together are executed one after another; then the rest is left to others.
LONGEST_TOGETHER_SECONDS = 0.05
# And so long the lease of one is extended while those before it are executed, should one of them hang.
LONGEST_BEHIND_SECONDS = 1.0
Ready = tuple[Claim, Plan, dict[str, Recorded]]
REFUSALS: dict[type[DomainError], tuple[str, str]] = {
    NotCleared: ("not_cleared", "The release may not run here"),
    ArtifactDamaged: ("artifact_damaged", "A recorded content was altered"),
    ContentRemoved: ("content_removed", "A recorded content was removed"),
}


def drive(run_id: UUID, *, worker: str) -> bool:
    """Drive this run as far as it goes. False when another worker holds it, or it waits or has ended.

    Safe to call twice, late, or by two workers at once. No transaction is open while a step runs.
    """
    found = claim(run_id, worker=worker)
    if found is None:
        return False
    _go(found)
    return True


def drive_next(*, worker: str, pool: str) -> int:
    """Drive the runs that are next, one after another, while there are some; returns how many it claimed."""
    began, count, turn = time.monotonic(), 0, TURNS[pool]
    relay = Relay(pool, turn)
    try:
        while not leaving() and time.monotonic() - began < SLICE_SECONDS:
            if not turn.take():
                return count
            found = claim_next(worker=worker, pool=pool, short=short())
            count += len(found)
            _go_on(found, relay)
            if not (found and found[0].more) and not relay.others_left() and turn.done():
                return count
            if not found:
                time.sleep(SETTLED_AFTER_SECONDS)
        relay.leave()
    finally:
        if turn.leave():
            nudge(pool, times=1)  # for who came meanwhile and relied on another look
    return count


def _go_on(found: Sequence[Claim], relay: Relay) -> None:
    if len(found) > 1:
        _go_together(found, relay)
    elif found:
        _go(found[0], relay)


def _go(found: Claim, relay: Relay | None = None) -> None:
    with held(found) as pulse:
        ready = _readied(found, relay)
        if ready is not None:
            _travel(Journey(*ready), pulse, relay)


def _go_together(found: Sequence[Claim], relay: Relay) -> None:
    """Each by itself, but those that come to their end are committed at once."""
    with ExitStack() as stack:
        pulses = {one.run: stack.enter_context(held(one, longest=LONGEST_BEHIND_SECONDS)) for one in found}
        members: list[Member] = []
        behind, stored, began = list(found), stored_of(found), time.monotonic()
        try:
            while behind and time.monotonic() - began < LONGEST_TOGETHER_SECONDS:
                _go_along(behind.pop(0), relay, members, pulses, stored)
        except DATABASE_ERRORS:
            _arrive(members, pulses, behind)
            raise
        _arrive(members, pulses, behind)


def _go_along(
    found: Claim, relay: Relay, members: list[Member], pulses: Mapping[UUID, Pulse], stored: Stored
) -> None:
    pulses[found.run].next_step()
    ready = _readied(found, relay, stored)
    if ready is not None:
        members.append(Member(*ready))
        _travel(members[-1], pulses[found.run], relay)


def _arrive(members: Sequence[Member], pulses: Mapping[UUID, Pulse], behind: Sequence[Claim]) -> None:
    """Commit what has ended, and leave those that were held up to others."""
    for member in arrive(members):
        member.end_alone()
        _undo(member, pulses[member.claim.run])
    for one in behind:
        give_back(one)


def _travel(journey: Journey, pulse: Pulse, relay: Relay | None) -> None:
    try:
        journey.travel(pulse)
    except UNREACHED as away:
        set_aside(journey.claim, away)
        return
    _undo(journey, pulse)
    if relay is not None:
        relay.after(journey.claim)


def _undo(journey: Journey, pulse: Pulse) -> None:
    if journey.claim.state == State.COMPENSATING:
        try:
            undo(journey.claim, journey.plan, journey.recorded, pulse)
        except UNREACHED as away:
            set_aside(journey.claim, away)


def _readied(found: Claim, relay: Relay | None, stored: Stored | None = None) -> Ready | None:
    """What its journey needs; None when it has stopped, or may not be executed here, which is committed."""
    going = served(found) if found.asked else found
    if going is None:
        return None
    try:
        going, release = _cleared(going)
        plan = plan_under(release, going.version, going.overrides or {})
        ready = pinned(going, plan), plan, recorded_of(going, stored)
    except (NotCapable, *UNREACHED) as lack:
        set_aside(going, lack)
    except (NotCleared, ArtifactDamaged) as refusal:
        code, title = REFUSALS[type(refusal)]
        _stop(going, Failure(code, title, refusal.message, going.cursor))
    except DATABASE_ERRORS:
        raise  # not this run's fault: the lease expires, and another worker tries again
    except Exception as mistake:
        log.exception("run %s, before %s: unforeseen error", going.run, going.cursor)
        _stop(going, unforeseen(mistake, going.cursor))
    else:
        if relay is not None:
            relay.before(going, quick=going.pool == Run.Pool.IO and is_quick_throughout(plan.workflow))
        return ready
    return None


def _cleared(going: Claim) -> tuple[Claim, Release]:
    """The run's release, and the run with the functions that this process lacks: others call them."""
    try:
        return going, clear(going.release, fingerprint=going.fingerprint)
    except NotCapable as refusal:
        if refusal.release is None:
            raise
        return replace(going, lacks=frozenset(refusal.functions)), refusal.release


def _stop(found: Claim, failure: Failure) -> None:
    state = State.COMPENSATION_FAILED if found.state == State.COMPENSATING else State.FAILED
    move = stopped(state, found.cursor, failure, attempt=found.attempt)
    going: Claim | None = found
    while going is not None:
        again = settled(going, [], move)
        going = again and served(again)
