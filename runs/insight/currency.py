"""In which currency an organisation counts: it has one, `runs.costs.prices.set_price` sees to that."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from runs.costs.models import Price

USUAL: Final = "EUR"


def currencies(organisations: Collection[UUID]) -> dict[UUID, str]:
    """The currency of each organisation; euros for one that has no prices, and so no costs."""
    found = dict(Price.objects.filter(organisation__in=organisations).values_list("organisation", "currency"))
    return {organisation: found.get(organisation, USUAL) for organisation in organisations}


def common_currency(organisations: Collection[UUID]) -> str:
    """The currency that all of them count in; empty when there are several, since their sum means nothing."""
    used = set(currencies(organisations).values())
    return used.pop() if len(used) == 1 else ("" if used else USUAL)
