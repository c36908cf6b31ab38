"""How few messages are enough: one while nobody waits, and whoever takes a run sends one for the next.

A message costs more than a step. So a run that starts while an earlier one waits is not announced: for that
one a message is on its way, or a worker that got it, who looks again after its last claim is committed and
sees both. (Earlier by its identifier, so that no two runs rely on each other.) Before anything that may take
long a worker sends one message for the others that wait, so that idle ones wake one another.
"""

import math
import random
import time
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from governance.prepared import rows
from runs.durable.announce import announce, nudge
from runs.durable.claim import Claim
from runs.durable.statements import DATABASE_ERRORS
from runs.durable.turns import Turn

OTHERS: Final = (Path(__file__).parent / "sql" / "others.sql").read_bytes()
# A worker whose last run took longer is not back soon, nor one with a run of a version whose last one did.
SOON_SECONDS: Final = 0.02
MOST_KNOWN: Final = 100
# What is over so soon is worth taking several at a time.
SHORT_SECONDS: Final = 0.01
# The message on its way may be lost with its worker: now and then a run is announced all the same.
ONE_IN = 16


def tell(run: UUID, *, pool: str) -> None:
    """Once a run that waits is committed: announce it, unless an earlier one waits. Raises nothing."""
    try:
        covered = _others(pool, run).earlier and random.randrange(ONE_IN) > 0  # noqa: S311 - no secret
    except DATABASE_ERRORS:
        covered = False  # the run is committed: what comes after may not fail its start
    if not covered:
        announce([run], pool=pool)


# How long runs of a workflow version take here, in seconds: what is pure need not be quick. One that took
# long is forgotten slowly, and of a version that is not known nothing is promised.
_took: dict[UUID, float] = {}
FORGETS: Final = 0.9


def short() -> list[UUID]:
    """The versions whose runs are worth taking several at a time, as far as this process knows."""
    return [version for version, took in _took.items() if took < SHORT_SECONDS]


class Relay:
    """One message at its worker: until it was passed on, it stands for all who wait in the pool."""

    def __init__(self, pool: str, turn: Turn) -> None:
        self._pool, self._turn = pool, turn
        self._passed_on = False
        self._quick = False
        self._began = time.monotonic()

    def before(self, taken: Claim, *, quick: bool) -> None:
        """A run begins. Unless the worker will soon be back, one more is to look, if others wait."""
        now = time.monotonic()
        soon = quick and max(now - self._began, _took.get(taken.version, math.inf)) < SOON_SECONDS
        self._began, self._quick = now, quick
        if not soon:
            self._give_up_turn()
        if not soon and not self._passed_on and (taken.more or _others(self._pool, taken.run).any):
            self._pass_on()

    def after(self, taken: Claim) -> None:
        """The run is left: how long it took is what the next of its version is expected to take."""
        took = time.monotonic() - self._began if self._quick else math.inf
        before = _took.pop(taken.version, took)
        _took[taken.version] = max(took, FORGETS * before)
        if len(_took) > MOST_KNOWN:
            del _took[next(iter(_took))]

    def others_left(self) -> bool:
        """Whether others wait of whom nobody else was told."""
        return not self._passed_on and bool(_others(self._pool, None).any)

    def leave(self) -> None:
        """The worker's time is over: whoever waits is left to another."""
        self._give_up_turn()
        if self.others_left():
            self._pass_on()

    def _give_up_turn(self) -> None:
        """Another message may have come meanwhile, which stands for those who wait now."""
        if self._turn.leave():
            self._passed_on = False

    def _pass_on(self) -> None:
        self._passed_on = True
        nudge(self._pool, times=1)


def _others(pool: str, run: UUID | None) -> Any:
    return rows(OTHERS, {"pool": pool, "run": run})[0]
