"""Setting prices, and what a call cost at the price of its moment."""

import re
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from governance.access.owners import locked_for_owner
from governance.accounts.models import Organisation, User
from governance.errors import Invalid, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import storable
from runs.costs.models import Price

MILLION = Decimal(1_000_000)
NINE_PLACES = Decimal("0.000000001")
DEAREST = Decimal(1_000_000)
CURRENCY = re.compile(r"^[A-Z]{3}\Z")


@transaction.atomic
def set_price(  # noqa: PLR0913 - each is a fact of the price
    organisation: Organisation,
    *,
    actor: User,
    provider: str,
    model: str,
    effective_from: datetime,
    input_per_million: Decimal,
    output_per_million: Decimal,
    currency: str = "EUR",
    basis: str = "",
) -> Price:
    """Set what a million tokens cost from a moment on; the earlier price stays for what ran before it.

    Raises `NotAllowed` for others than platform owners, `Invalid` for a price outside 0 to 1,000,000, a
    moment without a time zone or a second currency (sums would mean nothing), `WrongState` when a price
    begins at that moment already.
    """
    organisation = locked_for_owner(organisation, actor=actor)
    price = Price(
        organisation=organisation,
        provider=storable(provider, field="provider", longest=40, missing="Name the provider."),
        model=storable(model, field="model", longest=200, missing="Name the model."),
        effective_from=effective_from,
        input_per_million=input_per_million,
        output_per_million=output_per_million,
        currency=currency,
        basis=storable(basis, field="basis", longest=200),
    )
    _check(price)
    same = Price.objects.filter(organisation=organisation, provider=price.provider, model=price.model)
    if same.filter(effective_from=effective_from).exists():
        raise WrongState(f"A price of {price.provider}/{price.model} begins at this moment already.")
    price.save()
    _record(price, actor)
    return price


def _record(price: Price, actor: User) -> None:
    record(
        Kind.PRICE_SET,
        actor=actor,
        organisation=price.organisation_id,
        about=("price", price.pk),
        details={
            "provider": price.provider,
            "model": price.model,
            "effective_from": price.effective_from.isoformat(),
            "input_per_million": str(price.input_per_million),
            "output_per_million": str(price.output_per_million),
            "currency": price.currency,
            "basis": price.basis,
        },
    )


def price_at(organisation_id: UUID, provider: str, model: str, moment: datetime) -> Price | None:
    """The price that holds at this moment, if any was set."""
    known = Price.objects.filter(organisation=organisation_id, provider=provider, model=model)
    return known.filter(effective_from__lte=moment).order_by("-effective_from").first()


def cost(price: Price, tokens_in: int, tokens_out: int) -> Decimal:
    """What these tokens cost, to nine places of the currency (half a place rounds to even)."""
    whole = tokens_in * price.input_per_million + tokens_out * price.output_per_million
    return (whole / MILLION).quantize(NINE_PLACES)


def _check(price: Price) -> None:
    """Raises `Invalid` for the first thing that is wrong."""
    amounts = (price.input_per_million, price.output_per_million)
    if price.effective_from.tzinfo is None:
        raise Invalid(
            "Say in which time zone the price begins.", fields={"effective_from": "Needs a time zone."}
        )
    if not all(
        amount.is_finite() and 0 <= amount < DEAREST and amount == round(amount, 6) for amount in amounts
    ):
        raise Invalid("A price is between 0 and 1,000,000 with at most six places.")
    if not CURRENCY.match(price.currency):
        raise Invalid("A currency is three capital letters.", fields={"currency": "Three capital letters."})
    other = Price.objects.filter(organisation=price.organisation).exclude(currency=price.currency).first()
    if other is not None:
        where = f"Prices of {price.organisation} are in {other.currency}."
        raise Invalid(where, fields={"currency": f"Use {other.currency}."})
