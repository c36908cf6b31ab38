"""kill -9 of the ledger's keeper at any moment: nothing is sequenced or signed twice, and nothing is lost."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from governance.ledger.models import Event
from governance.proof.memory import remembered
from governance.proof.models import Checkpoint, Freeze, Position
from governance.proof.sizes import sizes
from governance.proof.verifying.whole import verify_all
from portal.embedded.processes import keeper_command
from portal.env import ROOT
from tests.factories.cast import Company
from tests.factories.logs import fill
from tests.harness.fresh import FreshDatabase
from tests.waiting import wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.slow]
KILLS = 8


class Keepers:
    """One keeper after the other, all with the same key and memory."""

    def __init__(self, folder: Path, database: FreshDatabase) -> None:
        self.state = folder / "state"
        self._log = folder / "keeper.log"
        self.environment = {
            **os.environ,
            **database.environment(),
            "LEDGER_STATE": str(self.state),
            "LEDGER_KEY_FILE": "",
            "LEDGER_CHECKPOINT_SECONDS": "0.05",
        }

    @contextmanager
    def one(self) -> "Iterator[subprocess.Popen[bytes]]":
        """A keeper that has begun, killed at the end of the block unless it has ended."""
        with self._log.open("wb") as words:
            keeper = subprocess.Popen(
                keeper_command(), cwd=ROOT, env=self.environment, stdout=words, stderr=subprocess.STDOUT
            )
        try:
            wait_until(lambda: "keeping" in self.said() or keeper.poll() is not None, "the keeper keeps")
            assert keeper.poll() is None, self.said()
            yield keeper
        finally:
            keeper.kill()
            keeper.wait()

    def said(self) -> str:
        return self._log.read_text()


def all_signed() -> bool:
    known = sizes()
    signed = {log: Checkpoint.objects.of(log)[0].size for log in known if Checkpoint.objects.of(log).exists()}
    return Position.objects.count() == Event.objects.count() and signed == known


def test_each_event_has_one_position_and_each_size_one_note_whenever_it_is_killed(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    keepers, chance = Keepers(tmp_path, fresh_database), random.Random(4)  # noqa: S311 - when to kill
    for _ in range(KILLS):
        with keepers.one():
            until = time.monotonic() + chance.uniform(0.0, 0.6)
            while time.monotonic() < until:
                fill(northwind, 200)
    with keepers.one() as last:
        wait_until(all_signed, "everything is signed")
        last.send_signal(signal.SIGTERM)
        assert last.wait(timeout=60) == 0

    assert Position.objects.count() == Event.objects.count()
    kept = {found.log: found.note.size for found in remembered(keepers.state)}
    assert kept == sizes()
    assert verify_all(state=keepers.state).findings == []


def test_a_second_keeper_waits_for_the_end_of_the_first(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    keepers, words = Keepers(tmp_path, fresh_database), tmp_path / "second.log"
    with words.open("wb") as file, keepers.one():
        other = subprocess.Popen(
            keeper_command(), cwd=ROOT, env=keepers.environment, stdout=file, stderr=subprocess.STDOUT
        )
        wait_until(lambda: "another keeper is at work" in words.read_text())
        assert "keeping" not in words.read_text()
    try:
        wait_until(lambda: "keeping" in words.read_text(), "the second keeps")
        other.send_signal(signal.SIGTERM)
        assert other.wait(timeout=60) == 0
    finally:
        other.kill()
        other.wait()


def test_a_database_that_does_not_protect_the_ledger_is_a_finding_and_kept_all_the_same(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    with fresh_database.connect("owner") as owner:
        owner.execute("GRANT UPDATE ON catalog_version TO countersign_app")
    keepers = Keepers(tmp_path, fresh_database)
    with keepers.one():
        wait_until(all_signed, "everything is signed")

    found = Freeze.objects.get()
    assert (found.code, found.log) == ("unprotected", None)
    assert "may UPDATE on catalog_version" in found.finding["said"]
