"""Setting prices, and what a call cost at the price of its moment."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from governance.access.gate import authorise_owner
from governance.accounts.models import Organisation, User
from governance.errors import Invalid, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from runs.costs.models import Price

MILLION = Decimal(1_000_000)
NINE_PLACES = Decimal("0.000000001")
DEAREST = Decimal(1_000_000)


@transaction.atomic
def set_price(
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

    Raises `NotAllowed` for others than platform owners, `Invalid` for a price outside 0 to 1,000,000, a moment without
    a time zone or a second currency (sums would mean nothing), `WrongState` when a price begins at that moment already.
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    authorise_owner(actor, organisation=organisation)
    _check(
        organisation,
        effective_from,
        (input_per_million, output_per_million),
        currency,
        (provider, model, basis),
    )
    same = Price.objects.filter(organisation=organisation, provider=provider, model=model)
    if same.filter(effective_from=effective_from).exists():
        raise WrongState(f"A price of {provider}/{model} begins at this moment already.")
    price = Price.objects.create(
        organisation=organisation,
        provider=provider,
        model=model,
        effective_from=effective_from,
        input_per_million=input_per_million,
        output_per_million=output_per_million,
        currency=currency,
        basis=basis,
    )
    record(
        Kind.PRICE_SET,
        actor=actor,
        organisation=organisation.pk,
        about=("price", price.pk),
        details={
            "provider": provider,
            "model": model,
            "effective_from": effective_from.isoformat(),
            "input_per_million": str(input_per_million),
            "output_per_million": str(output_per_million),
            "currency": currency,
            "basis": basis,
        },
    )
    return price


def price_at(organisation_id: UUID, provider: str, model: str, moment: datetime) -> Price | None:
    """The price that holds at this moment, if any was set."""
    known = Price.objects.filter(organisation=organisation_id, provider=provider, model=model)
    return known.filter(effective_from__lte=moment).order_by("-effective_from").first()


def cost(price: Price, tokens_in: int, tokens_out: int) -> Decimal:
    """What these tokens cost, to nine places of the currency (half a place rounds to even)."""
    whole = tokens_in * price.input_per_million + tokens_out * price.output_per_million
    return (whole / MILLION).quantize(NINE_PLACES)


def _check(
    organisation: Organisation,
    effective_from: datetime,
    amounts: tuple[Decimal, Decimal],
    currency: str,
    labels: tuple[str, str, str],
) -> None:
    if effective_from.tzinfo is None:
        raise Invalid(
            "Say in which time zone the price begins.", fields={"effective_from": "A time zone is needed."}
        )
    for amount in amounts:
        if not amount.is_finite() or not 0 <= amount < DEAREST or amount != round(amount, 6):
            raise Invalid("A price is between 0 and 1,000,000 with at most six places.")
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise Invalid("A currency is three capital letters.", fields={"currency": "Three capital letters."})
    other = Price.objects.filter(organisation=organisation).exclude(currency=currency).first()
    if other is not None:
        raise Invalid(
            f"Prices of {organisation} are in {other.currency}.",
            fields={"currency": f"Use {other.currency}."},
        )
    provider, model, basis = labels
    if not provider or not model or len(provider) > 40 or len(model) > 200 or len(basis) > 200:
        raise Invalid(
            "Name the provider (40 characters), the model (200) and where the price comes from (200)."
        )
    if any("\x00" in label for label in labels):
        raise Invalid("A name contains a NUL character.")
