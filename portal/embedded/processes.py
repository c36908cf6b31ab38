"""The command lines of the portal's processes."""

import re
import socket
import sys
from pathlib import Path

# The sweeper looks every other second; only a sweep that fails is news.
SWEEPS = re.compile(r"\.sweep\[[0-9a-f-]+\] (received|succeeded)")
# Celery warns root about messages in pickle; ours are JSON only.
ROOT_IS_NO_DANGER = "ignore:You're running the worker with superuser privileges"


def web_command(waiting: socket.socket) -> list[str]:
    """The web server, on the socket that the supervisor holds."""
    return [sys.executable, "-m", "portal.embedded.web_server", str(waiting.fileno())]


def worker_command() -> list[str]:
    """The Celery worker: threads, since a step mostly waits for a model or the database."""
    return [
        sys.executable, "-W", ROOT_IS_NO_DANGER, "-m", "celery", "--quiet", "-A", "portal", "worker",
        "--pool", "threads", "--concurrency", "4", "--loglevel", "INFO",
        "--without-gossip", "--without-mingle", "--without-heartbeat",
    ]  # fmt: skip


def beat_command(schedule: Path) -> list[str]:
    """Celery's clock; it keeps its place in `schedule`."""
    return [
        sys.executable, "-m", "celery", "--quiet", "-A", "portal", "beat", "--loglevel", "WARNING",
        "--pidfile", "", "--schedule", str(schedule),
    ]  # fmt: skip
