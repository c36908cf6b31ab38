"""A run that needs other code than this process has: it waits for a worker that has it."""

from dataclasses import replace

from governance.catalog.calls import FunctionCall
from governance.ledger.services import details_bytes
from governance.releases.clearance import NotCapable
from runs.durable.actors import engine
from runs.durable.asked import served
from runs.durable.checkpoint import still_held
from runs.durable.claim import Claim
from runs.durable.statements import Statement, rows
from runs.durable.visits import Visit
from runs.functions.registry import registered
from runs.records.models import Run

# When it is looked at again: at first, and at the latest. A worker that arrives has it looked at before.
AGAIN_SECONDS = 30.0
LATEST_SECONDS = 300.0


def lacking(visit: Visit) -> NotCapable | None:
    """Why this process cannot make the visit's call: a worker may be there that can."""
    call = visit.call
    if not isinstance(call, FunctionCall):
        return None
    if call.function in visit.held.lacks:
        return NotCapable(f"“{call.function}” here is not what was released.", functions=[call.function])
    if registered(call.function) is not None:
        return None
    return NotCapable(f"“{call.function}” is not registered in this worker.", functions=[call.function])


def set_aside(held: Claim, refusal: NotCapable) -> None:
    """Give the run back until a capable worker looks; what else it waited for holds again then.

    Unless something is asked of it meanwhile that anybody can do.
    """
    going: Claim | None = held
    while going is not None and not _given_back(going, refusal):
        standing = still_held(going)
        if standing is None:
            return
        going = served(replace(going, nudges=standing.nudges, asked=standing.asked))


def _given_back(held: Claim, refusal: NotCapable) -> bool:
    actor = engine()
    about = {"for": Run.WaitsFor.WORKER.value, "node": held.cursor, "functions": refusal.functions}
    values = {
        "run": held.run,
        "epoch": held.epoch,
        "nudges": held.nudges,
        "functions": refusal.functions,
        "again": AGAIN_SECONDS,
        "latest": LATEST_SECONDS,
        "actor": actor.pk,
        "actor_name": actor.name,
        "details": details_bytes(about),
    }
    return bool(rows(Statement.SET_ASIDE, values))
