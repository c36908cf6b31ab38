"""The callers of the API's tests."""

import pytest

from tests.api.callers import Caller, by_token
from tests.factories.cast import Company


@pytest.fixture
def author(northwind: Company) -> Caller:
    """Writes assets and submits releases."""
    return by_token(northwind.author, northwind)


@pytest.fixture
def operator(northwind: Company) -> Caller:
    """Starts runs and activates releases."""
    return by_token(northwind.operator, northwind)


@pytest.fixture
def auditor(northwind: Company) -> Caller:
    """Reads."""
    return by_token(northwind.auditor, northwind)


@pytest.fixture
def outsider(rival: Company) -> Caller:
    """An operator of the other organisation."""
    return by_token(rival.operator, rival)
