"""The soak's workflow and its faults: which, and when, is drawn from a seed."""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import connections

from tests.chaos.floor import LEASE_SECONDS, Floor
from tests.chaos.flows import Line, call, step, undoable
from tests.chaos.own_postgres import Fragile
from tests.durable.scripts import graph
from tests.factories.cast import Company
from tests.factories.things import make_version, pin

RETRY = {"attempts": 4, "first_delay_ms": 50, "cap_ms": 200}
# So soon after SIGCONT a thread is still where it was stopped.
AWAKE_SECONDS = 0.25
SHORTEST_PEACE, LONGEST_PEACE = 1.0, 3.0


def mixed(company: Company, *, ends_well: bool) -> dict[str, Any]:
    """Steps with effects: undoable, failing once, over items, in a workflow within; and a second's wait."""
    inner = make_version(company, "workflow", graph(step("inner_one"), step("inner_two")))
    within = {"kind": "subrun", "key": "within", "workflow": pin(inner), "inputs": {"letter": "$letter"}}
    items = {
        "kind": "map",
        "key": "items",
        "over": "first.items",
        "each": call("item", text="@item"),
        "at_once": 2,
    }
    last = step("last") if ends_well else step("fails")
    wait = {"kind": "timer", "key": "pause", "seconds": 1}
    return graph(undoable("first"), step("flaky", retry=RETRY), items, wait, undoable("second"), within, last)


class Faults:
    """What goes wrong, in a thread of its own, until there is peace."""

    def __init__(
        self, floor: Floor, database: Fragile, *, seed: int, acknowledge: Callable[[], None]
    ) -> None:
        self._floor, self._database, self._acknowledge = floor, database, acknowledge
        self._dice = random.Random(seed)  # noqa: S311 - the same faults each time
        self._peace = threading.Event()
        self._thread = threading.Thread(target=self._go_on)
        self.count: Counter[str] = Counter()
        self.frozen: list[tuple[int, float, float]] = []

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """No more of it: everything is up again."""
        self._peace.set()
        self._thread.join()

    def _go_on(self) -> None:
        faults = (self.kill_worker, self.freeze_worker, self.kill_worker, self.forget_messages, self.crash)
        while not self._peace.wait(self._dice.uniform(SHORTEST_PEACE, LONGEST_PEACE)):
            with suppress(Exception):
                self._acknowledge()
            fault = self._dice.choice(faults)
            self.count[fault.__name__] += 1
            fault()
        connections.close_all()

    def kill_worker(self) -> None:
        """kill -9, and another one is hired."""
        worker = self._floor.workers[self._dice.randrange(len(self._floor.workers))]
        if worker.poll() is None:
            self._floor.kill(worker)
            self._floor.hire(ready=False)

    def freeze_worker(self) -> None:
        """SIGSTOP for longer than its leases, then SIGCONT."""
        alive = [worker for worker in self._floor.workers if worker.poll() is None]
        frozen = self._dice.choice(alive)
        began = time.time()
        os.killpg(frozen.pid, signal.SIGSTOP)
        time.sleep(LEASE_SECONDS * 2)
        self.frozen.append((frozen.pid, began, time.time()))
        os.killpg(frozen.pid, signal.SIGCONT)

    def in_hand(self, line: Line, ended: float) -> bool:
        """Whether a frozen worker was about to write the line when another one ended the step.

        Between the engine's last look at the lease and the effect lies a moment, which no engine
        can take away: the effect's own key must. Nothing else may come after a commit.
        """
        return any(
            line.pid == pid and began <= ended and line.at - thawed < AWAKE_SECONDS
            for pid, began, thawed in self.frozen
        )

    def forget_messages(self) -> None:
        """The broker loses everything it held."""
        self._floor.flush()

    def crash(self) -> None:
        """kill -9 of PostgreSQL, and it is started again."""
        self._database.crash()
        time.sleep(self._dice.uniform(0, 1.5))
        self._database.revive()
