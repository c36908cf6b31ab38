"""Moving runs forward: claim one, see that it may run here, and let it travel."""

import logging
import time
from uuid import UUID

from governance.errors import DomainError
from governance.releases.clearance import NotCapable, NotCleared, clear
from runs.artifacts.services import ArtifactDamaged
from runs.durable.asked import served
from runs.durable.bundles import is_quick_throughout
from runs.durable.checkpoint import settled
from runs.durable.claim import Claim, claim, claim_next
from runs.durable.heartbeat import Pulse, held
from runs.durable.journey import Journey
from runs.durable.lacking import set_aside
from runs.durable.leaving import leaving
from runs.durable.machine import State
from runs.durable.moves import stopped
from runs.durable.plans import plan_under
from runs.durable.recordings import recorded_of
from runs.durable.remembering import pinned
from runs.durable.statements import DATABASE_ERRORS
from runs.durable.telling import Relay
from runs.durable.undoing import undo
from runs.durable.unforeseen import unforeseen
from runs.records.failure import Failure
from runs.records.models import Run

log = logging.getLogger(__name__)
# How long one message keeps a thread: then the next message is taken, and the broker hears of this one.
SLICE_SECONDS = 5.0
# What others are claiming at this moment still seems to wait; then it does not any more.
SETTLED_AFTER_SECONDS = 0.01
REFUSALS: dict[type[DomainError], tuple[str, str]] = {
    NotCleared: ("not_cleared", "The release may not run here"),
    ArtifactDamaged: ("artifact_damaged", "A recorded content was altered"),
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
    began, count, relay = time.monotonic(), 0, Relay(pool)
    while not leaving() and time.monotonic() - began < SLICE_SECONDS:
        found = claim_next(worker=worker, pool=pool)
        if found is not None:
            count += 1
            _go(found, relay)
        if (found is None or not found.more) and not relay.others_left():
            return count
        if found is None:
            time.sleep(SETTLED_AFTER_SECONDS)
    relay.leave()
    return count


def _go(found: Claim, relay: Relay | None = None) -> None:
    with held(found) as pulse:
        going = served(found) if found.asked else found
        if going is not None:
            _set_out(going, pulse, relay)


def _set_out(found: Claim, pulse: Pulse, relay: Relay | None) -> None:
    try:
        release = clear(found.release, fingerprint=found.fingerprint)
        plan = plan_under(release, found.version, found.overrides or {})
        journey = Journey(pinned(found, plan), plan, recorded_of(found))
    except NotCapable as refusal:
        set_aside(found, refusal)
    except (NotCleared, ArtifactDamaged) as refusal:
        code, title = REFUSALS[type(refusal)]
        _stop(found, Failure(code, title, refusal.message, found.cursor))
    except DATABASE_ERRORS:
        raise  # not this run's fault: the lease expires, and another worker tries again
    except Exception as mistake:
        log.exception("run %s, before %s: unforeseen error", found.run, found.cursor)
        _stop(found, unforeseen(mistake, found.cursor))
    else:
        if relay is not None:
            relay.before(found, quick=found.pool == Run.Pool.IO and is_quick_throughout(plan.workflow))
        _travel(journey, pulse)
        if relay is not None:
            relay.after(found)


def _travel(journey: Journey, pulse: Pulse) -> None:
    journey.travel(pulse)
    if journey.claim.state == State.COMPENSATING:
        undo(journey.claim, journey.plan, journey.recorded, pulse)


def _stop(found: Claim, failure: Failure) -> None:
    state = State.COMPENSATION_FAILED if found.state == State.COMPENSATING else State.FAILED
    move = stopped(state, found.cursor, failure, attempt=found.attempt)
    going: Claim | None = found
    while going is not None:
        again = settled(going, [], move)
        going = again and served(again)
