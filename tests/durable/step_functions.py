"""Step functions for tests of the engine: they leave a line in a witness file outside the database."""

import os
import time
from pathlib import Path
from typing import Any

from runs.functions.registry import step_function


@step_function("witness", version=1, takes={"text", "mark"})
def witness(*, text: str, mark: str) -> dict[str, Any]:
    """Append one line to the witness file, then take a moment."""
    with Path(os.environ["WITNESS_FILE"]).open("a") as file:
        file.write(f"{mark} {text}\n")
    time.sleep(float(os.environ.get("WITNESS_SECONDS", "0")))
    return {"text": text, "mark": mark}


@step_function("nothing", version=1, takes={"text"})
def nothing(*, text: str) -> dict[str, Any]:
    """Do nothing."""
    return {"text": text}


@step_function("returns", version=1, takes={"text", "what"})
def returns(*, text: str, what: str) -> Any:
    """Return, or raise, what no step may."""
    match what:
        case "nul":
            return {"text": "a\x00b"}
        case "surrogate":
            return {"text": "\ud800"}
        case "fraction":
            return {"number": 0.5}
        case "object":
            return {"text": object()}
        case "large":
            return {"text": "x" * 1_000_001}
        case "raise":
            raise RuntimeError("the cellar is flooded\x00")
    return {"text": text}


@step_function("needs_file", version=1, takes={"text"})
def needs_file(*, text: str) -> dict[str, Any]:
    """Fail until the file that the environment names is there."""
    if not Path(os.environ["NEEDED_FILE"]).exists():
        raise FileNotFoundError("not there yet")
    return {"text": text}
