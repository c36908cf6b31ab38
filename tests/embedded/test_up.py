"""`manage.py up` as a person uses it: in a terminal, ended by Ctrl-C, and none the worse for a kill."""

import json
import os
import pty
import re
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from portal.embedded import records
from portal.embedded.places import Places
from portal.env import ROOT
from tests.embedded.conftest import kill
from tests.waiting import PATIENCE_SECONDS, wait_until

pytestmark = [pytest.mark.embedded, pytest.mark.slow]
CTRL_C = b"\x03"
UP = r"Countersign is up: (http://127\.0\.0\.1:\d+)"


def environment_of_a_person(var: Path) -> dict[str, str]:
    """What somebody has in their shell who has set nothing but where the data goes."""
    ours = {
        "DATABASE_URL",
        "OWNER_DATABASE_URL",
        "BROKER_URL",
        "LLM_BASE_URL",
        "SECRET_KEY",
        "DJANGO_SETTINGS_MODULE",
    }
    theirs = {name: value for name, value in os.environ.items() if name not in ours}
    return {**theirs, "COUNTERSIGN_VAR": str(var)}


class Terminal:
    """A terminal in which `manage.py up` runs."""

    def __init__(self, var: Path) -> None:
        self.pid, self._line = pty.fork()
        if not self.pid:  # the child; from here on it is `manage.py up`
            os.chdir(ROOT)
            os.execve(sys.executable, [sys.executable, "manage.py", "up"], environment_of_a_person(var))  # noqa: S606
        self.seen, self.began = "", time.monotonic()

    def read_until(self, pattern: str, *, within: float = PATIENCE_SECONDS) -> re.Match[str]:
        """What the terminal shows, up to the pattern."""
        deadline = time.monotonic() + within
        while not (found := re.search(pattern, self.seen)):
            assert time.monotonic() < deadline, f"{pattern!r} did not appear in:\n{self.seen[-4000:]}"
            if select.select([self._line], [], [], 0.1)[0]:
                with suppress(OSError):
                    self.seen += os.read(self._line, 65536).decode("utf-8", "replace")
        return found

    def press(self, key: bytes) -> None:
        """Press a key; Ctrl-C reaches every process of the terminal's foreground."""
        os.write(self._line, key)

    def ended(self, *, within: float = PATIENCE_SECONDS) -> int:
        """The exit code; fails when the command has not ended in time."""
        deadline = time.monotonic() + within
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < deadline, f"did not end within {within:g} seconds"
            if select.select([self._line], [], [], 0.1)[0]:  # a full terminal would hold the writer up
                with suppress(OSError):
                    self.seen += os.read(self._line, 65536).decode("utf-8", "replace")

    def close(self) -> None:
        """End whatever a failed test left."""
        if self.pid:
            os.kill(self.pid, signal.SIGTERM)
            self.ended()
        os.close(self._line)


@pytest.fixture(scope="module")
def var(shared_places: Places) -> Path:
    """One checkout's data for the whole module, so that static files are collected once."""
    return shared_places.var


@pytest.fixture
def terminal(var: Path) -> Iterator[Terminal]:
    """The portal, started in a terminal."""
    made = Terminal(var)
    yield made
    made.close()


def belonging_to(var: Path) -> list[str]:
    """Every live process that has this checkout's folder in its command line or environment."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            words = [*process.cmdline(), process.environ().get("COUNTERSIGN_VAR", "")]
            if (
                process.pid != os.getpid()
                and process.status() != psutil.STATUS_ZOMBIE
                and str(var) in " ".join(words)
            ):
                found.append(" ".join(words))
    return found


def child(terminal: Terminal, command: str) -> psutil.Process:
    """The supervised process whose command line has this word."""
    return next(p for p in psutil.Process(terminal.pid).children() if command in p.cmdline())


def test_what_is_killed_comes_back_and_ctrl_c_stops_everything_within_ten_seconds(
    terminal: Terminal, var: Path
) -> None:
    url = terminal.read_until(UP)[1]
    started_in = time.monotonic() - terminal.began
    assert httpx.get(f"{url}/readyz", timeout=60).status_code == 200
    assert owners_addresses(terminal) == {""}
    assert by_the_keepers_role(terminal) == ["keep"]
    model = records.read(var / "run" / "model.json")
    assert model is not None
    terminal.read_until(r"worker   \|.*ready")

    for pid in (child(terminal, "portal.embedded.web_server").pid, child(terminal, "worker").pid, model.pid):
        kill(pid)

    terminal.read_until(r"web was ended by SIGKILL; starting it again")
    terminal.read_until(r"worker was ended by SIGKILL; starting it again")
    terminal.read_until(r"model has ended; starting it again")
    terminal.read_until(r"(?s)worker was ended.*worker   \|[^\n]*ready")
    assert httpx.get(f"{url}/healthz", timeout=60).status_code == 200
    wait_until(lambda: (records.read(var / "run" / "model.json") or model).pid != model.pid)
    assert (records.read(var / "run" / "model.json") or model).address == model.address

    terminal.press(CTRL_C)

    # On a machine so busy that the start took longer, the end may, too.
    assert terminal.ended(within=max(10.0, started_in)) == 0
    assert "Traceback" not in terminal.seen
    assert belonging_to(var) == []
    assert not secrets_in_logs(var)


def test_a_killed_supervisor_leaves_no_server_of_pages_and_the_next_start_takes_over(
    terminal: Terminal, var: Path
) -> None:
    terminal.read_until(UP)
    children = [child(terminal, word) for word in ("portal.embedded.web_server", "worker", "sweep")]
    kill(terminal.pid)
    assert terminal.ended() == -signal.SIGKILL
    wait_until(lambda: all(records.ended(process) for process in children))

    second = Terminal(var)
    try:
        second.read_until(r"postgres is running")
        second.read_until(UP)
        second.press(CTRL_C)
        assert second.ended() == 0
    finally:
        second.close()
    assert belonging_to(var) == []


def owners_addresses(terminal: Terminal) -> set[str]:
    processes = psutil.Process(terminal.pid).children(recursive=True)
    return {process.environ().get("OWNER_DATABASE_URL", "") for process in processes}


def by_the_keepers_role(terminal: Terminal) -> list[str]:
    """The last words of the processes that know the keeper's address."""
    processes = psutil.Process(terminal.pid).children(recursive=True)
    return [each.cmdline()[-1] for each in processes if "countersign_keeper" in str(each.environ())]


def secrets_in_logs(var: Path) -> list[str]:
    logs = "".join(log.read_text(errors="replace") for log in (var / "log").iterdir())
    assert "portal   | valkey started in" in logs
    return [name for name, value in json.loads((var / "secrets.json").read_text()).items() if value in logs]
