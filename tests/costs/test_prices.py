"""Prices hold from their day on, and a cost is exact."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from governance.accounts.models import User
from governance.errors import Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.models import Event
from runs.costs.models import Price
from runs.costs.prices import cost, price_at, set_price
from tests.factories.cast import Company

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)


def price(company: Company, *, actor: User | None = None, **changed: Any) -> Price:
    """Set a price."""
    values: dict[str, Any] = {
        "provider": "default",
        "model": "smol",
        "effective_from": MONDAY,
        "input_per_million": Decimal("0.15"),
        "output_per_million": Decimal("0.60"),
        "basis": "list price",
    }
    return set_price(company.organisation, actor=actor or company.owner, **{**values, **changed})


def test_each_moment_has_the_price_that_began_last(northwind: Company, rival: Company) -> None:
    first = price(northwind)
    second = price(northwind, effective_from=MONDAY + timedelta(days=7), input_per_million=Decimal(2))

    def at(days: float, company: Company = northwind, model: str = "smol") -> Price | None:
        return price_at(company.organisation.pk, "default", model, MONDAY + timedelta(days=days))

    assert [at(-0.1), at(0), at(6.9), at(7), at(70)] == [None, first, first, second, second]
    assert at(70, rival) is None
    assert at(70, model="other") is None


def test_setting_a_price_is_recorded(northwind: Company) -> None:
    found = price(northwind)

    [event] = Event.objects.about("price", found.pk)
    assert (event.kind, event.actor) == ("price.set", northwind.owner.pk)
    assert event.details["input_per_million"] == "0.15"


def test_only_platform_owners_set_prices(northwind: Company, rival: Company) -> None:
    with pytest.raises(NotAllowed):
        price(northwind, actor=northwind.operator)
    with pytest.raises(NotVisible):
        price(northwind, actor=rival.owner)
    assert not Price.objects.exists()


def test_a_price_that_is_set_stays(northwind: Company) -> None:
    price(northwind)

    with pytest.raises(WrongState):
        price(northwind, input_per_million=Decimal(3))


def test_a_stored_price_is_superseded_never_changed(northwind: Company) -> None:
    found = price(northwind)

    for statement in ("UPDATE runs_price SET input_per_million = 0", "DELETE FROM runs_price"):
        refused = pytest.raises(DatabaseError, match="permission denied")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(WrongState, match="cannot be changed"):
        found.save()


@pytest.mark.parametrize(
    "changed",
    [
        {"effective_from": datetime(2026, 11, 2)},  # noqa: DTZ001 - that is what is refused
        {"input_per_million": Decimal("-1")},
        {"input_per_million": Decimal("NaN")},
        {"output_per_million": Decimal("Infinity")},
        {"output_per_million": Decimal(1_000_000)},
        {"output_per_million": Decimal("0.0000001")},
        {"currency": "eur"},
        {"currency": "EURO"},
        {"currency": "EUR\n"},
        {"provider": ""},
        {"model": "m" * 201},
        {"basis": "a\x00b"},
        {"model": "half \ud800"},
        {"provider": " "},
    ],
)
def test_what_is_no_price_is_refused(northwind: Company, changed: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        price(northwind, **changed)

    assert not Price.objects.exists()


def test_an_organisation_pays_in_one_currency(northwind: Company, rival: Company) -> None:
    price(northwind, currency="CHF")

    with pytest.raises(Invalid, match="are in CHF"):
        price(northwind, currency="EUR", model="other")
    assert price(rival, currency="EUR").currency == "EUR"


PRICES = st.decimals(0, 1000, places=6)


@given(PRICES, PRICES, st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_cost_is_exact_to_nine_places(into: Decimal, out: Decimal, tokens_in: int, tokens_out: int) -> None:
    found = cost(Price(input_per_million=into, output_per_million=out), tokens_in, tokens_out)

    units = int(into * 10**6) * tokens_in + int(out * 10**6) * tokens_out  # in 10**-12 of the currency
    assert abs(int(found.scaleb(9)) * 1000 - units) <= 500
    assert found.as_tuple().exponent == -9
