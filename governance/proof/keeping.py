"""The keeper: sequences several times a second, signs, and verifies round by round. One process, no more."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Final, TypeVar

from django.db import IntegrityError, ProgrammingError, connection

from governance.accounts.models import User
from governance.proof.catalogue import Catalogue
from governance.proof.findings import Altered, Finding
from governance.proof.freezing import freeze
from governance.proof.sequencing import Sequencer
from governance.proof.signing import NotOurs, Signer
from governance.proof.sizes import sizes
from governance.proof.verifying.rolling import Rounds
from governance.proof.waiting import WANTED

T = TypeVar("T")
LOG = logging.getLogger(__name__)
TICK_SECONDS: Final = 0.15
IDLE_SECONDS: Final = 1.0
SLOWER: Final = 1.5
LOOK_SECONDS: Final = 1.0
VERIFY_SECONDS: Final = 60.0
PATIENCE_SECONDS: Final = 5.0  # at the end, for a signature in hand


class Keeper:
    """Keeps one installation's logs. A finding stops what relies on the ledger, and never the keeper."""

    def __init__(self, signer: Signer, *, checkpoint_seconds: float) -> None:
        self._signer = signer
        self._checkpoint_seconds = checkpoint_seconds
        self._sequencer = Sequencer()
        self._catalogue = Catalogue()
        self.pace = TICK_SECONDS
        self._rounds = Rounds()
        self._told: dict[str, str] = {}
        self._next_signing = self._next_round = self._next_look = 0.0
        self._listening: Any = None

    def start(self) -> None:
        """Compare what was signed with what is stored; a log of which it differs is signed no more."""
        self._rounds.begin()
        self.sequence()
        for finding in self._signer.start():
            self._froze(finding)

    def sequence(self) -> int:
        """Give what was committed its positions; how many events it were. Where none is, the pace slows."""
        came = self._sequencer.drain()
        self.pace = TICK_SECONDS if came else min(self.pace * SLOWER, IDLE_SECONDS)
        return came

    def attest(self, *, wanted: bool = False) -> None:
        """Sign when somebody waits for it or it is time; verify when it is time."""
        now = time.monotonic()
        if wanted or now >= self._next_signing:
            self._next_signing = now + self._checkpoint_seconds
            if now >= self._next_look:
                self._next_look = now + LOOK_SECONDS
                self._catalogue.look()
            self.sign()
        if now >= self._next_round:
            self._next_round = now + VERIFY_SECONDS
            self.verify()

    def sign(self) -> int:
        """Sign every log that has grown and holds; how many. One that does not is told and left as it is."""
        found = [
            self._tried(str(log), partial(self._signer.signed, log, size)) for log, size in sizes().items()
        ]
        made = [note for note in found if note is not None]
        if not made or self._tried("all logs", partial(self._signer.remember, made)) is None:
            return 0
        return sum(self._tried(str(note.log), partial(self._signer.store, note)) is not None for note in made)

    def _tried(self, what: str, act: Callable[[], T]) -> T | None:
        """What it makes. What hinders one log, such as another key, hinders no other."""
        try:
            made = act()
        except Altered as problem:
            self._froze(problem.finding)
        except (NotOurs, OSError, ProgrammingError, IntegrityError) as problem:
            if self._told.get(what) != str(problem):
                LOG.error("not signed (%s): %s", what, problem)
            self._told[what] = str(problem)
        else:
            self._told.pop(what, None)
            return made
        return None

    def verify(self) -> list[Finding]:
        """One round; each finding stops work, once."""
        with self._rounds.repeated():
            _, found = self._rounds.go()
            for finding in found:
                self._froze(finding)
        return found

    def wait(self) -> bool:
        """Sleep until the next tick; whether somebody asked for a signature meanwhile, which ends it."""
        connection.ensure_connection()
        raw = connection.connection
        if raw is not self._listening:
            raw.execute(f"LISTEN {WANTED}")
            self._listening = raw
        return any(True for _ in raw.notifies(timeout=self.pace, stop_after=1))

    def _froze(self, finding: Finding) -> None:
        freeze(finding, actor=User.objects.system("keeper"))


def keep(keeper: Keeper, *, said: Callable[[str], None]) -> None:
    """Until a signal ends the process. While the database is away, try again.

    Signing and verifying have a thread and a connection of their own: sequencing waits for neither.
    """
    _started(keeper)
    said("keeping the ledger")
    wanted, ending = threading.Event(), threading.Event()
    attesting = threading.Thread(target=_attest, args=(keeper, wanted, ending), daemon=True)
    attesting.start()
    try:
        while True:
            with tried_again():
                keeper.sequence()
                if keeper.wait():
                    keeper.sequence()
                    wanted.set()
    finally:
        ending.set()
        wanted.set()
        attesting.join(timeout=PATIENCE_SECONDS)


def _started(keeper: Keeper) -> None:
    """Start it, as often as it takes: the database may be away."""
    started = False
    while not started:
        with tried_again():
            keeper.start()
            started = True


def _attest(keeper: Keeper, wanted: threading.Event, ending: threading.Event) -> None:
    while not ending.is_set():
        asked = wanted.wait(timeout=TICK_SECONDS)
        wanted.clear()
        with tried_again():
            keeper.attest(wanted=asked)


@contextmanager
def tried_again() -> Iterator[None]:
    """Whatever goes wrong within is told, and tried again: without the keeper nothing is signed."""
    try:
        yield
    except Exception:
        LOG.warning("the keeper could not look", exc_info=True)
        with suppress(Exception):
            connection.close()
        time.sleep(1.0)
