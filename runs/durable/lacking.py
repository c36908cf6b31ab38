"""A run that needs other code than this process has, or a content that it cannot have now: it waits for a
worker that has it."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from governance.catalog.calls import FunctionCall
from governance.ledger.services import details_bytes
from governance.releases.clearance import NotCapable
from runs.artifacts.opening import ContentMissing
from runs.artifacts.storing import StoreAway
from runs.durable.actors import engine
from runs.durable.asked import served
from runs.durable.checkpoint import still_held
from runs.durable.claim import Claim
from runs.durable.statements import Statement, rows
from runs.durable.visits import Visit
from runs.functions.registry import registered
from runs.records.models import Run

log = logging.getLogger(__name__)
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


def set_aside(held: Claim, lack: NotCapable | StoreAway | ContentMissing) -> None:
    """Give the run back until a capable worker looks; what else it waited for holds again then.

    Unless something is asked of it meanwhile that anybody can do. It fails of nothing and no recovery is
    counted; steps that were not committed yet are executed again.
    """
    functions = lack.functions if isinstance(lack, NotCapable) else []
    if not functions:
        log.warning("run %s waits at %s for a content: %s", held.run, held.cursor, lack)
    going: Claim | None = held
    while going is not None and not _given_back(going, functions):
        standing = still_held(going)
        if standing is None:
            return
        going = served(replace(going, nudges=standing.nudges, asked=standing.asked))


def _given_back(held: Claim, functions: Sequence[str]) -> bool:
    """Without a function it is a content that is lacking."""
    actor, content = engine(), not functions
    about: dict[str, Any] = {"for": Run.WaitsFor.WORKER.value, "node": held.cursor}
    about |= {"functions": list(functions), **({"content": True} if content else {})}
    values = {
        "run": held.run,
        "epoch": held.epoch,
        "nudges": held.nudges,
        "functions": list(functions),
        "content": content,
        "again": AGAIN_SECONDS,
        "latest": LATEST_SECONDS,
        "actor": actor.pk,
        "actor_name": actor.name,
        "details": details_bytes(about),
    }
    return bool(rows(Statement.SET_ASIDE, values))
