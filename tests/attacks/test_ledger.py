"""Each attack of who owns the database is found."""

from pathlib import Path

import pytest

from tests.attacks.ledger_trying import codes_found
from tests.attacks.on_ledger import CASES, LedgerCase
from tests.harness.fresh import FreshDatabase


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_the_owner_changes_is_found(
    case: LedgerCase, fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    assert case.expected in codes_found(case, fresh_database, tmp_path)
