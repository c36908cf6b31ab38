"""Start a service that outlives its starter and hears nothing of the starter's terminal."""

import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from portal.embedded.errors import EmbeddedError

LARGEST_LOG = 5_000_000


def launch(
    command: list[str],
    *,
    log: Path,
    folder: Path,
    environment: dict[str, str],
    ready: Callable[[], bool],
    patience: float,
    switch: Mapping[str, object] = MappingProxyType({"start_new_session": True}),
) -> int:
    """Start `command` in its own session, as whom `switch` says, and return its number once `ready()`.

    Raises `EmbeddedError` with the end of its log when it ends early or is not ready within `patience`
    seconds; it is not left running then, nor when the waiting itself is interrupted.
    """
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.unlink()
    log.touch(mode=0o600)
    with log.open("ab") as output:
        child: subprocess.Popen[bytes] = subprocess.Popen(  # type: ignore[call-overload]
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            cwd=folder, env=environment, **switch,
        )  # fmt: skip
    try:
        _await(child, log=log, ready=ready, patience=patience)
    except BaseException:
        child.kill()
        child.wait()
        raise
    child.returncode = 0  # no longer ours to wait for: without this, Python warns that it still runs
    return child.pid


def _await(
    child: "subprocess.Popen[bytes]", *, log: Path, ready: Callable[[], bool], patience: float
) -> None:
    deadline = time.monotonic() + patience
    while not ready():
        ended = child.poll() is not None
        if ended or time.monotonic() > deadline:
            late = f"was not ready within {patience:.0f} seconds"
            what = f"ended with code {child.returncode}" if ended else late
            raise EmbeddedError(f"{log.stem} {what}. The end of {log}:\n{_tail(log)}")
        time.sleep(0.02)


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]
