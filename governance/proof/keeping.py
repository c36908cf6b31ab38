"""The keeper: sequences several times a second, signs, and verifies round by round. One process, no more."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from django.db import connection

from governance.accounts.models import User
from governance.proof.findings import Altered, Finding
from governance.proof.freezing import freeze
from governance.proof.sequencing import Sequencer
from governance.proof.signing import Signer
from governance.proof.sizes import sizes
from governance.proof.verifying.rolling import Rounds
from governance.proof.waiting import WANTED

LOG = logging.getLogger(__name__)
TICK_SECONDS: Final = 0.15
VERIFY_SECONDS: Final = 60.0
PATIENCE_SECONDS: Final = 5.0  # at the end, for a signature in hand


class Keeper:
    """Keeps one installation's logs. A finding stops what relies on the ledger, and never the keeper."""

    def __init__(self, signer: Signer, *, checkpoint_seconds: float) -> None:
        self._signer = signer
        self._checkpoint_seconds = checkpoint_seconds
        self._sequencer = Sequencer()
        self._rounds = Rounds()
        self._signs = False
        self._next_signing = self._next_round = 0.0
        self._listening: Any = None

    def start(self) -> None:
        """Compare what was signed with what is stored; where it differs, go on without signing."""
        self.sequence()
        try:
            self._signer.start()
            self._signs = True
        except Altered as problem:
            self._froze(problem.finding)

    def sequence(self) -> int:
        """Give what was committed its positions; how many events it were."""
        return self._sequencer.drain()

    def attest(self, *, wanted: bool = False) -> None:
        """Sign when somebody waits for it or it is time; verify when it is time."""
        now = time.monotonic()
        if wanted or now >= self._next_signing:
            self._next_signing = now + self._checkpoint_seconds
            self.sign()
        if now >= self._next_round:
            self._next_round = now + VERIFY_SECONDS
            self.verify()

    def sign(self) -> int:
        """Sign every log that has grown and holds; how many. One that does not is told and left as it is."""
        made = 0
        for log in sizes() if self._signs else ():
            try:
                made += self._signer.sign(log) is not None
            except Altered as problem:
                self._froze(problem.finding)
        return made

    def verify(self) -> list[Finding]:
        """One round; each finding stops work, once."""
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
        return any(True for _ in raw.notifies(timeout=TICK_SECONDS, stop_after=1))

    def _froze(self, finding: Finding) -> None:
        freeze(finding, actor=User.objects.system("keeper"))


def keep(keeper: Keeper, *, said: Callable[[str], None]) -> None:
    """Until a signal ends the process. While the database is away, try again.

    Signing and verifying have a thread and a connection of their own: sequencing waits for neither.
    """
    keeper.start()
    said("keeping the ledger")
    wanted, ending = threading.Event(), threading.Event()
    attesting = threading.Thread(target=_attest, args=(keeper, wanted, ending), daemon=True)
    attesting.start()
    try:
        while True:
            with _tried_again():
                keeper.sequence()
                if keeper.wait():
                    keeper.sequence()
                    wanted.set()
    finally:
        ending.set()
        wanted.set()
        attesting.join(timeout=PATIENCE_SECONDS)


def _attest(keeper: Keeper, wanted: threading.Event, ending: threading.Event) -> None:
    while not ending.is_set():
        asked = wanted.wait(timeout=TICK_SECONDS)
        wanted.clear()
        with _tried_again():
            keeper.attest(wanted=asked)


@contextmanager
def _tried_again() -> Iterator[None]:
    """Whatever goes wrong within is told, and tried again: without the keeper nothing is signed."""
    try:
        yield
    except Exception:
        LOG.warning("the keeper could not look", exc_info=True)
        with suppress(Exception):
            connection.close()
        time.sleep(1.0)
