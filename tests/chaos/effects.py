"""Step functions that change something outside the database, and can be held exactly before or after it.

A gate is a file: while it lies there, whoever comes to it notes that they have come and waits.
"""

import os
import time
from pathlib import Path
from typing import Any

from runs.functions.registry import step_function

LOOK_SECONDS = 0.01


@step_function("effect", version=1, takes={"text", "mark"})
def effect(*, text: str, mark: str) -> dict[str, Any]:
    """Append a line to the witness file. Marks that begin with `fails` fail then, `flaky` the first time."""
    pass_gate(f"before-{mark}")
    first = witnessed(text, mark)
    time.sleep(float(os.environ.get("WITNESS_SECONDS", "0")))
    pass_gate(f"after-{mark}")
    if mark.startswith("fails") or (mark.startswith("flaky") and first):
        raise RuntimeError(f"{mark} of {text}")
    return {"text": text, "mark": mark, "items": [f"{text}/{number}" for number in range(3)]}


@step_function("effect_computed", version=1, takes={"text", "mark"}, computes=True)
def effect_computed(*, text: str, mark: str) -> dict[str, Any]:
    """The same, in a process for what computes."""
    found: dict[str, Any] = effect(text=text, mark=mark)
    return found


@step_function("dawdles", version=1, takes={"text", "seconds"})
def dawdles(*, text: str, seconds: str) -> dict[str, Any]:
    """Take so long, the first time; the witness file says how often it began and ended."""
    first = witnessed(text, "began")
    time.sleep(float(seconds) if first else 0)
    witnessed(text, "ended")
    return {"text": text, "first": first}


def witnessed(text: str, mark: str) -> bool:
    """Say in one line what is done, by whom and when; whether it is done for the first time."""
    file, began = Path(os.environ["WITNESS_FILE"]), time.time()
    first = not any(line.startswith(f"{text} {mark} ") for line in file.read_text().splitlines())
    line = f"{text} {mark} {os.getpid()} {began:.6f}\n"
    with file.open("a") as witness:
        witness.write(line)
    return first


def pass_gate(name: str) -> None:
    """Go through the gate, once it is open."""
    folder = Path(os.environ["GATES"])
    if not (folder / name).exists():
        return
    (folder / f"{name}.reached").touch()
    while (folder / name).exists():
        time.sleep(LOOK_SECONDS)
