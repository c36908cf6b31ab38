"""Each attack that is an act ends as it must."""

from pathlib import Path

import pytest

from tests.attacks.act_cases import CASES
from tests.attacks.acts import ActCase, Setting
from tests.factories.cast import Company
from tests.harness.fresh import FreshDatabase


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_attack_by_acts_ends_as_it_must(
    case: ActCase, fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    assert case.act(Setting(fresh_database, northwind, tmp_path)) == case.expected
