"""What hinders the keeper at one log hinders no other, and a full disk is told."""

from errno import ENOSPC
from pathlib import Path

import pytest

from governance.proof.memory import Memory
from governance.proof.models import Checkpoint
from governance.proof.sequencing import sequence
from governance.proof.sizes import sizes
from tests.factories.cast import Company
from tests.factories.logs import look
from tests.harness.fresh import FreshDatabase


def test_what_hinders_one_log_hinders_no_other(
    fresh_database: FreshDatabase,
    northwind: Company,
    rival: Company,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    sequence()
    with fresh_database.connect("owner") as owner:
        owner.execute(
            "INSERT INTO ledger_key (id, log, vkey, from_size, event)"
            " VALUES (gen_random_uuid(), %s, 'another+key', 0, gen_random_uuid())",
            [rival.organisation.pk],
        )
    look(tmp_path)

    assert {found.log for found in Checkpoint.objects.all()} == set(sizes()) - {rival.organisation.pk}
    assert "by another key" in caplog.text


def test_a_full_disk_hinders_all_and_is_told_once(
    fresh_database: FreshDatabase,
    northwind: Company,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def full(self: Memory, notes: object) -> None:
        raise OSError(ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Memory, "keep", full)
        for _ in range(2):
            look(tmp_path)
    assert not Checkpoint.objects.exists()
    assert caplog.text.count("No space left") == 2  # once for each keeper that started

    look(tmp_path)
    assert {found.log for found in Checkpoint.objects.all()} == set(sizes())
