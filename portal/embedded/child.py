"""One supervised process of the portal: its words go to the journal, and it is started again when it dies."""

import ctypes
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from portal.embedded.journal import Journal

QUICK_DEATH_SECONDS = 10.0
QUICK_DEATHS_ALLOWED = 5
LONGEST_DELAY = 10.0
LONGEST_PAUSE = 60.0
SET_PARENT_DEATH_SIGNAL = 1  # prctl(2), Linux


@dataclass(frozen=True)
class Plan:
    """What to start, and which open descriptors to hand down."""

    name: str
    command: list[str]
    folder: Path
    environment: dict[str, str]
    descriptors: tuple[int, ...] = ()
    unsaid: re.Pattern[str] | None = None  # lines that would only drown the others
    first_delay: float = 0.5  # seconds before it is started again; doubles with each quick death
    given_up: bool = (
        True  # after that many quick deaths; what the others can do without is always tried again
    )


class Child:
    """Runs a plan in a session of its own, so that Ctrl-C at the terminal reaches the supervisor alone."""

    def __init__(self, plan: Plan, journal: Journal) -> None:
        self.plan = plan
        self._journal = journal
        self._running: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._began = 0.0
        self._quick_deaths = 0
        self._not_before = 0.0

    @property
    def pid(self) -> int | None:
        """The process number while it runs."""
        return self._running.pid if self._running and self._running.poll() is None else None

    def start(self) -> None:
        """Start the process; its output goes to the journal line by line."""
        self._began = time.monotonic()
        self._running = subprocess.Popen(
            self.plan.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=self.plan.folder, env=self.plan.environment, pass_fds=self.plan.descriptors,
            start_new_session=True, preexec_fn=die_with_parent(),  # noqa: PLW1509  it only calls prctl
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, args=(self._running,), daemon=True)
        self._reader.start()

    def _read(self, running: "subprocess.Popen[bytes]") -> None:
        if running.stdout:
            with running.stdout as lines:
                for line in lines:
                    text = line.decode("utf-8", "replace").rstrip()
                    if text and not (self.plan.unsaid and self.plan.unsaid.search(text)):
                        self._journal.say(self.plan.name, text)

    def tend(self) -> bool:
        """Start it again if it died, each time a little later; False once it is given up."""
        if self._running is None or self._running.poll() is None:
            return True
        if not self._not_before:
            return self._mourn(self._running)
        if time.monotonic() >= self._not_before:
            self._not_before = 0.0
            self.start()
        return True

    def _mourn(self, dead: "subprocess.Popen[bytes]") -> bool:
        """Note the death, remove what it left, and set when to try again."""
        kill_group(dead.pid)
        lived = time.monotonic() - self._began
        self._quick_deaths = self._quick_deaths + 1 if lived < QUICK_DEATH_SECONDS else 1
        if self._quick_deaths > QUICK_DEATHS_ALLOWED and self.plan.given_up:
            self._journal.say(
                "portal",
                f"{self.plan.name} died {self._quick_deaths} times in a row; its last words are above",
            )
            return False
        longest = LONGEST_DELAY if self.plan.given_up else LONGEST_PAUSE
        delay = min(longest, self.plan.first_delay * 2 ** min(self._quick_deaths - 1, 20))
        self._not_before = time.monotonic() + delay
        self._journal.say(
            "portal", f"{self.plan.name} {_ending(dead.returncode)}; starting it again in {delay:g} s"
        )
        return True

    def ask_to_stop(self) -> None:
        """SIGTERM: finish what is in hand and end."""
        if self._running and self._running.poll() is None:
            self._running.send_signal(signal.SIGTERM)

    def stopped(self) -> bool:
        """Whether it has ended (or never began)."""
        return self._running is None or self._running.poll() is not None

    def bury(self) -> None:
        """End it and whatever it started, at once, and wait for its last words."""
        if self._running:
            kill_group(self._running.pid)
            self._running.wait()
            if self._reader:
                self._reader.join(timeout=1)
            self._running = None


def kill_group(leader: int) -> None:
    """Kill every process of the session that `leader` began."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    return f"was ended by {signal.Signals(-code).name}"


def die_with_parent() -> Callable[[], None] | None:
    """On Linux, have the kernel end a child whose supervisor was killed, so that nothing is orphaned."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
