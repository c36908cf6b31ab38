"""Finding what nobody looks at. Trusts PostgreSQL alone: a lost message or a dead worker loses no run."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db import transaction
from psycopg.types.json import Jsonb

from governance.ledger.services import details_bytes
from runs.durable.actors import sweeper
from runs.durable.announce import announce_each, nudge
from runs.durable.claim import MOST_RECOVERIES
from runs.durable.machine import State
from runs.durable.statements import Statement, rows, rows_together
from runs.people.closing import withdraw_tasks
from runs.records.failure import Failure

MOST_AT_ONCE = 500
# Runs that have waited this long may have lost their message; each message makes a worker take all that wait.
UNSEEN_AFTER_SECONDS = 5.0
NUDGES = 8
LOOK_AGAIN_SECONDS = 10.0
TOO_OFTEN = Failure(
    "recovered_too_often",
    "The run was taken over too often",
    f"Its worker stopped more than {MOST_RECOVERIES} times in a row at the same step. Look at the worker's "
    "log for what stops it, then resume the run.",
)


@dataclass(frozen=True)
class Swept:
    """How many runs were taken back from dead workers, given up, woken, and pools told of waiting runs."""

    recovered: int = 0
    given_up: int = 0
    woken: int = 0
    nudged: int = 0

    def plus(self, other: "Swept") -> "Swept":
        """Both together."""
        return Swept(
            self.recovered + other.recovered,
            self.given_up + other.given_up,
            self.woken + other.woken,
            self.nudged + other.nudged,
        )


def sweep(also: Mapping[Statement, Mapping[str, Any]] = MappingProxyType({})) -> Swept:
    """Look once, with one query when there is nothing to do. Two sweepers at once do nothing twice.

    What is `also` to be executed goes along with the look, in its transaction.
    """
    [seen], *_ = rows_together({Statement.LOOK: {"patience": UNSEEN_AFTER_SECONDS}, **also})
    given_up = _given_up() if seen.expired else []
    again = {"again": LOOK_AGAIN_SECONDS}
    recovered = rows(Statement.RECOVER, {**_limits(), **_actor(), **again}) if seen.expired else []
    woken = rows(Statement.WAKE, {"most": MOST_AT_ONCE, **again}) if seen.due else []
    late = rows(Statement.OVERDUE, {"most": MOST_AT_ONCE}) if seen.overdue else []
    undoing = [row.id for row in (*woken, *recovered) if row.state == State.COMPENSATING]
    back = [row for row in (*woken, *late, *recovered) if row.id not in undoing]
    unseen = list(seen.unseen or [])
    for pool in {row.pool for row in back} | set(unseen):
        nudge(pool, times=sum(1 for row in back if row.pool == pool) or NUDGES)
    announce_each(undoing)
    return Swept(len(recovered), len(given_up), len(woken) + len(late), len(unseen))


def _given_up() -> list[Any]:
    details = details_bytes({"code": TOO_OFTEN.code, "title": TOO_OFTEN.title})
    values = {**_limits(), **_actor(), "error": Jsonb(TOO_OFTEN.stored()), "details": details}
    with transaction.atomic():
        given_up = rows(Statement.GIVE_UP, values)
        for run in given_up:
            withdraw_tasks(run.id, actor=sweeper(), organisation=run.organisation_id)
    return given_up


def _limits() -> dict[str, int]:
    return {"most_recoveries": MOST_RECOVERIES, "most": MOST_AT_ONCE}


def _actor() -> dict[str, Any]:
    actor = sweeper()
    return {"actor": actor.pk, "actor_name": actor.name}
