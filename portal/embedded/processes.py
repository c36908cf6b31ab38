"""The command lines of the portal's processes."""

import socket
import sys

# As `manage.py` would, but on services that somebody else keeps running, and without the owner's address.
COMMAND = [sys.executable, "-m", "django"]
SETTINGS = ["--settings", "portal.settings"]
WORKER_THREADS = 4


def web_command(waiting: socket.socket) -> list[str]:
    """The web server, on the socket that the supervisor holds."""
    return [sys.executable, "-m", "portal.embedded.web_server", str(waiting.fileno())]


def worker_command(*, pool: str = "all", slots: int = WORKER_THREADS) -> list[str]:
    """A worker. One for everything, in threads: a step mostly waits for a model or the database."""
    how = "--processes" if pool == "cpu" else "--threads"
    return [*COMMAND, "worker", "--pool", pool, how, str(slots), *SETTINGS]


def keeper_command() -> list[str]:
    """The keeper of the ledger, the one process that is given the log's key."""
    return [*COMMAND, "ledger", *SETTINGS, "keep"]


def sweeper_command() -> list[str]:
    """The sweeper, which looks every second for what nobody looks at."""
    return [*COMMAND, "sweep", "--loop", *SETTINGS]
