"""One thread of a process takes the runs that are soon over, several at a time.

The other threads are for what takes long: each would take one such run, and wait for its turn to execute it.
"""

import threading
import time
from typing import Final

from runs.durable.announce import QUEUES

# Who has the turn and has not looked for longer is held up by what was not over so soon.
HELD_UP_SECONDS: Final = 0.1


class Turn:
    """Whose turn it is to look for what is next in a pool."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner: int | None = None
        self._again = False
        self._looked = 0.0

    def take(self) -> bool:
        """Look, be it beside one who is held up. False when another thread has the turn: it looks again."""
        now = time.monotonic()
        with self._lock:
            if self._owner not in {None, threading.get_ident()}:
                held_up = now - self._looked >= HELD_UP_SECONDS
                self._again = self._again or not held_up
                return held_up
            self._owner, self._looked = threading.get_ident(), now
            return True

    def done(self) -> bool:
        """Leave, unless somebody else came meanwhile: then False, and there is to be one more look."""
        with self._lock:
            if self._owner != threading.get_ident():
                return True
            again, self._again = self._again, False
            if not again:
                self._owner = None
            return not again

    def leave(self) -> bool:
        """Others may look from now on; whether somebody came meanwhile, who relies on one more look."""
        with self._lock:
            if self._owner != threading.get_ident():
                return False
            self._owner, came, self._again = None, self._again, False
            return came


TURNS: Final = {pool: Turn() for pool in QUEUES}
