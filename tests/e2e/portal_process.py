"""The demonstration as a process of its own, with its own data folder: what `make demo` starts."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.env import ROOT

ADDRESS = re.compile(r"Countersign is at (http://127\.0\.0\.1:\d+)")
START_SECONDS = 600


@dataclass(frozen=True)
class RunningPortal:
    """Where it answers, everybody's password, where it keeps its data, and its first process."""

    url: str
    password: str
    var: Path
    pid: int


def demo_environment(var: Path, **more: str) -> dict[str, str]:
    """The environment of a newcomer: nothing of the tests' own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "COUNTERSIGN_VAR": str(var), "PYTHONUNBUFFERED": "1", **more}


@contextmanager
def demo_portal(var: Path, *, limit: int) -> Iterator[RunningPortal]:
    """`manage.py demo --limit N`, up for as long as the block runs; ends it as Ctrl-C does."""
    command = [sys.executable, "manage.py", "demo", f"--limit={limit}"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=demo_environment(var),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield RunningPortal(_address(process, var), _password(var), var, process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def _address(process: subprocess.Popen[str], var: Path) -> str:
    printed = []
    guard = threading.Timer(START_SECONDS, process.kill)
    guard.start()
    try:
        for line in process.stdout or ():
            printed.append(line)
            if found := ADDRESS.search(line):
                return found[1]
    finally:
        guard.cancel()
    log = var / "log" / "portal.log"
    words = log.read_text(encoding="utf-8")[-4000:] if log.exists() else "no log"
    raise AssertionError("The demonstration did not come up:\n" + "".join(printed) + words)


def _password(var: Path) -> str:
    return str(json.loads((var / "demo_password.json").read_text(encoding="utf-8"))["password"])
