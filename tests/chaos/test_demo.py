"""The demonstration itself, with its worker killed in the middle of it."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path

import psutil
import psycopg
import pytest

from portal.embedded.keyring import keyring
from portal.embedded.model import Model
from portal.embedded.places import Places
from portal.embedded.postgres import Postgres
from portal.embedded.weights import weights_sha256
from portal.env import ROOT
from tests.chaos.witness_proxy import witness_proxy
from tests.e2e.portal_process import demo_environment
from tests.waiting import wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.embedded]
LETTERS = 4
PATIENCE_SECONDS = 240


def test_every_run_finishes_though_the_worker_is_killed_and_no_committed_step_is_asked_again(
    places: Places, tmp_path: Path
) -> None:
    model = Model(places)
    witness = tmp_path / "witness.txt"
    witness.touch()
    model.ensure()
    try:
        with witness_proxy(model.environment()["LLM_BASE_URL"], witness) as proxied:
            environment = demo_environment(
                places.var,
                LLM_BASE_URL=proxied,
                LLM_API_KEY=keyring(places).model_key,
                MODEL_WEIGHTS_SHA256=weights_sha256(places),
                LEASE_SECONDS="3",
            )
            asked, committed, report = _demo_with_a_killed_worker(environment, places, witness)
    finally:
        model.stop()

    assert [run["state"] for run in report["runs"]] == ["succeeded"] * LETTERS
    final = Counter(witness.read_text().split())
    assert committed, "the worker was killed before anything was committed"
    assert {key: final[key] for key in committed} == {key: asked[key] for key in committed}
    repeated = {key: times for key, times in final.items() if times > 1}
    assert set(repeated) <= set(asked) - set(committed), (
        "only what was in hand at the kill may be asked twice"
    )
    assert all(times == 2 for times in repeated.values())


def _demo_with_a_killed_worker(
    environment: dict[str, str], places: Places, witness: Path
) -> tuple[Counter[str], set[str], dict[str, list[dict[str, str]]]]:
    """Run the demonstration and kill -9 its worker early; what was asked and committed at that moment."""
    command = [sys.executable, "manage.py", "demo", "--once", "--json", f"--limit={LETTERS}"]
    demo = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        wait_until(
            lambda: len(witness.read_text().split()) >= 5 or demo.poll() is not None,
            "the model is asked",
            within=PATIENCE_SECONDS,
        )
        assert demo.poll() is None, demo.communicate()
        os.kill(_worker_of(demo.pid), signal.SIGKILL)
        committed = _committed_keys(places)
        asked = Counter(witness.read_text().split())
        printed, complaints = demo.communicate(timeout=PATIENCE_SECONDS)
    finally:
        if demo.poll() is None:
            demo.kill()
            demo.communicate()
    assert demo.returncode == 0, complaints[-2000:]
    return asked, committed, json.loads(printed)


def _worker_of(demo: int) -> int:
    """The worker among the demonstration's children."""
    return next(child.pid for child in psutil.Process(demo).children() if "worker" in child.cmdline())


def _committed_keys(places: Places) -> set[str]:
    """The idempotency keys of the model steps that are in the database now."""
    with psycopg.connect(Postgres(places).environment()["DATABASE_URL"]) as connection:
        found = connection.execute(
            "SELECT run_id, node, position FROM runs_step WHERE kind = 'llm' AND state = 'succeeded'"
        ).fetchall()
    return {sha256(f"{run}:{node}:{position}".encode()).hexdigest() for run, node, position in found}
