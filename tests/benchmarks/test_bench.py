"""The benchmark measures everything that it names. How fast the engine is, no test decides."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from portal.env import ROOT
from tests.benchmarks.beside import PYTHON, RESTATE
from tests.benchmarks.figures import KEYS
from tests.benchmarks.statements import counted
from tests.harness.environment import PLACES

MAY_BE_NOTHING = {"map_memory_mb"}  # a worker that is warm may need no more for two hundred items
OF_PEERS = {key for key in KEYS if "dbos" in key or "restate" in key}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place in the checkout: pytest shuts its own folders to the account that the server runs as."""
    PLACES.var.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=PLACES.var, prefix="bench-", ignore_cleanup_errors=True) as found:
        yield Path(found)


@pytest.mark.embedded
@pytest.mark.slow
def test_the_quick_benchmark_ends_with_a_number_for_every_key(folder: Path) -> None:
    installed = PYTHON.exists() and RESTATE.exists()

    answer = _bench(folder, "--quick", *([] if installed else ["--only", "ours"]))

    assert answer.returncode == 0, answer.stdout + answer.stderr
    found = json.loads(answer.stdout.splitlines()[-1])
    least = {key: 0 if key in MAY_BE_NOTHING else 1e-9 for key in KEYS}
    measured = {key for key in KEYS if isinstance(found[key], int | float) and found[key] >= least[key]}
    assert set(KEYS) - measured == (set() if installed else OF_PEERS)
    assert found["missing"] == ({} if installed else {"peers": "left out"})
    assert found["history"]["runs_step"] == 5 * found["history"]["runs_run"]


def test_statements_are_counted_by_their_first_words_and_without_their_values() -> None:
    words = "\n".join(
        [
            "2026-11-22 14:00:00.123 UTC [7] LOG:  duration: 0.250 ms  parse s1: -- What it is for.",
            "\tSELECT 1",
            "2026-11-22 14:00:00.124 UTC [7] LOG:  duration: 0.500 ms  execute s1: -- What it is for.",
            "\tSELECT 1",
            "2026-11-22 14:00:00.125 UTC [7] LOG:  duration: 1.000 ms  statement: SELECT 'a' FROM b",
            "2026-11-22 14:00:00.126 UTC [7] LOG:  duration: 2.000 ms  statement: SELECT 'c' FROM b",
            "2026-11-22 14:00:00.127 UTC [9] LOG:  checkpoint starting: time",
        ]
    )

    found = counted(words)

    assert {text: (spent.times, spent.total) for text, spent in found.items()} == {
        "-- What it is for.": (1, 0.75),
        "SELECT … FROM b": (2, 3.0),
    }


def _bench(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", *arguments],
        cwd=ROOT,
        env={**os.environ, "COUNTERSIGN_BENCH_VAR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
