"""Each attack on the ledger's database ends as it must."""

import pytest

from tests.attacks.database_cases import CASES, DatabaseCase, tried
from tests.factories.cast import Company
from tests.harness.fresh import FreshDatabase


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_an_attack_on_the_database_ends_as_it_must(
    case: DatabaseCase, fresh_database: FreshDatabase, northwind: Company
) -> None:
    assert tried(case, fresh_database) == case.expected


def test_no_two_attacks_have_one_name() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
