"""Step functions for tests of the engine: they leave a line in a witness file outside the database."""

import os
import signal
import time
from pathlib import Path
from typing import Any

from runs.functions.registry import step_function
from tests.durable.scripts import Killed


@step_function("witness", version=1, takes={"text", "mark"})
def witness(*, text: str, mark: str) -> dict[str, Any]:
    """Append one line to the witness file, then take a moment."""
    with Path(os.environ["WITNESS_FILE"]).open("a") as file:
        file.write(f"{mark} {text}\n")
    time.sleep(float(os.environ.get("WITNESS_SECONDS", "0")))
    return {"text": text, "mark": mark}


# What was booked, by the key that it was booked under.
booked: dict[str, Any] = {}


@step_function("books", version=1, takes={"text", "mark"}, keyed=True)
def books(*, text: Any, mark: str, idempotency_key: str) -> dict[str, Any]:
    """Book once for each key, as a bank does; then fail as often as the mark says, or end the worker."""
    known, fails = booked.get(idempotency_key, {"times": 0}), int(mark.partition("!")[2] or 0)
    booked[idempotency_key] = {"mark": mark, "text": text, "times": known["times"] + 1}
    if mark == "killed" and not known["times"]:
        raise Killed
    if known["times"] < fails:
        raise RuntimeError("the line is dead")
    return {"text": text, "booking": idempotency_key}


@step_function("nothing", version=1, takes={"text"})
def nothing(*, text: str) -> dict[str, Any]:
    """Do nothing."""
    return {"text": text}


def circle() -> dict[str, Any]:
    """A value that contains itself."""
    found: dict[str, Any] = {}
    found["text"] = found
    return found


@step_function("computes", version=1, takes={"text"}, computes=True)
def computes(*, text: str) -> dict[str, Any]:
    """Say which process computed it."""
    return {"text": text, "process": os.getpid()}


UNFIT: dict[str, Any] = {
    "nul": {"text": "a\x00b"},
    "surrogate": {"text": "\ud800"},
    "fraction": {"number": 0.5},
    "object": {"text": object()},
    "large": {"text": "x" * 1_000_001},
    "cycle": circle(),
}


@step_function("returns", version=1, takes={"text", "what"})
def returns(*, text: str, what: str) -> Any:
    """Return, or raise, what no step may."""
    if what == "raise":
        raise RuntimeError("the cellar is flooded\x00")
    return UNFIT.get(what, {"text": text})


@step_function("needs_file", version=1, takes={"text"})
def needs_file(*, text: str) -> dict[str, Any]:
    """Fail until the file that the environment names is there."""
    if not Path(os.environ["NEEDED_FILE"]).exists():
        raise FileNotFoundError("not there yet")
    return {"text": text}


@step_function("dies", version=1, takes={"text"})
def dies(*, text: str) -> None:
    """Take the whole worker down, as a broken native library would."""
    os.kill(os.getpid(), signal.SIGKILL)
