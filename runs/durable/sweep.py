"""Finding what nobody looks at. Trusts PostgreSQL alone: a lost message or a dead worker loses no run."""

from dataclasses import dataclass

from psycopg.types.json import Jsonb

from governance.ledger.services import details_bytes
from runs.durable.actors import sweeper
from runs.durable.announce import announce
from runs.durable.claim import ANNOUNCE_AGAIN_SECONDS, MOST_RECOVERIES
from runs.durable.statements import Statement, rows
from runs.records.failure import Failure

MOST_AT_ONCE = 500
TOO_OFTEN = Failure(
    "recovered_too_often",
    "The run was taken over too often",
    f"Its worker stopped {MOST_RECOVERIES} times in a row at the same step. Look at the worker's log for "
    "what stops it, then resume the run.",
)


@dataclass(frozen=True)
class Swept:
    """How many runs were taken back from dead workers, given up, and announced again."""

    recovered: int
    given_up: int
    announced: int


def sweep() -> Swept:
    """Look once. Two sweepers at once share the work and do nothing twice."""
    actor = sweeper()
    values = {
        "most_recoveries": MOST_RECOVERIES,
        "most": MOST_AT_ONCE,
        "again": ANNOUNCE_AGAIN_SECONDS,
        "actor": actor.pk,
        "actor_name": actor.name,
    }
    details = details_bytes({"code": TOO_OFTEN.code, "title": TOO_OFTEN.title})
    given_up = rows(Statement.GIVE_UP, {**values, "error": Jsonb(TOO_OFTEN.stored()), "details": details})
    recovered = [row.id for row in rows(Statement.RECOVER, values)]
    waiting = [
        row.run_id for row in rows(Statement.DUE, {"most": MOST_AT_ONCE, "again": ANNOUNCE_AGAIN_SECONDS})
    ]
    announce([*recovered, *waiting])
    return Swept(recovered=len(recovered), given_up=len(given_up), announced=len(recovered) + len(waiting))
