"""The step functions of the benchmarks: pure, and as short as a step can be."""

import os
import time
from pathlib import Path
from typing import Any

from runs.functions.registry import step_function
from tests.benchmarks.sampling import watch


@step_function("bench_nothing", version=1, takes={"text", "mark"})
def nothing(*, text: str, mark: str) -> dict[str, Any]:
    """Pass the text on. With its mark, each step's output is an artifact of its own."""
    return {"text": text, "mark": mark}


@step_function("bench_pause", version=1, takes={"text", "mark", "seconds"})
def pause(*, text: str, mark: str, seconds: str) -> dict[str, Any]:
    """Take as many seconds as the settings say."""
    time.sleep(float(seconds))
    return {"text": text, "mark": mark}


@step_function("bench_list", version=1, takes={"text", "items"})
def listed(*, text: str, items: int) -> dict[str, Any]:
    """So many texts, each another one."""
    return {"items": [f"{text[:20]} {number}" for number in range(items)]}


if folder := os.environ.get("BENCH_SAMPLES"):
    watch(Path(folder))
