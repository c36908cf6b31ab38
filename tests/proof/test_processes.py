"""`manage.py ledger verify` with several processes, as people call it."""

import os
import subprocess
import sys
from pathlib import Path

from governance.proof.verifying.whole import verify_all
from portal.env import ROOT
from tests.factories.cast import Company
from tests.factories.logs import fill, sign_all
from tests.harness.fresh import FreshDatabase
from tests.proof.tampering import altered

PLACE = "WHERE id = (SELECT event FROM ledger_entry WHERE log = %s AND position = %s)"
LEAF_ONLY = f"UPDATE ledger_event SET leaf = sha256('') {PLACE}"  # noqa: S608 - a constant of this file


def verified(database: FreshDatabase, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "manage.py",
            "ledger",
            "--settings",
            "portal.settings",
            "verify",
            "--processes",
            "2",
        ],
        cwd=ROOT,
        env={**os.environ, **database.environment(), "LEDGER_STATE": str(folder / "state")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_two_processes_find_what_one_finds(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    fill(northwind, 300)
    sign_all(tmp_path)
    whole = verified(fresh_database, tmp_path)
    assert whole.returncode == 0, whole.stderr
    assert f"{verify_all().entries:,} entries" in whole.stdout

    altered(fresh_database, LEAF_ONLY, northwind.organisation.pk, 3)
    assert [found.position for found in verify_all().findings] == [3]
    told = verified(fresh_database, tmp_path)
    assert told.returncode == 1
    assert "(position 3," in told.stdout
