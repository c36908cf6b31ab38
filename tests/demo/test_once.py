"""`demo --once --json`, as a program calls it: one object on standard output, and nothing left running."""

import json
import re
import subprocess
import sys

import pytest

from portal.embedded.errors import NotInstalled
from portal.embedded.model import require_wheel
from portal.embedded.places import Places
from portal.embedded.postgres import Postgres
from portal.env import ROOT
from tests.demo.contract import KEYS
from tests.e2e.portal_process import demo_environment

pytestmark = [pytest.mark.embedded, pytest.mark.slow]


def test_a_letter_is_answered_by_the_real_model_and_reported(places: Places) -> None:
    try:
        require_wheel()
    except NotInstalled as problem:
        pytest.skip(str(problem))
    command = [sys.executable, "manage.py", "demo", "--once", "--json", "--limit=1"]

    done = subprocess.run(
        command,
        cwd=ROOT,
        env=demo_environment(places.var),
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    [run] = found["runs"]
    assert set(run) == KEYS
    assert (run["state"], run["error"]) == ("succeeded", None)
    assert run["approved_by"] == ["Ines Calder"]
    assert len(run["prompt_versions"]) == 3
    assert len(run["model_sha256"]) == len(run["output_sha256"]) == 64
    assert run["tokens"] == run["tokens_in"] + run["tokens_out"] > 0
    assert 0 < run["seconds"] < found["seconds"]
    assert Postgres(places).pid() is None
    assert re.search(r"witness +\| witness\.local/demonstration\+", (places.log / "portal.log").read_text())
