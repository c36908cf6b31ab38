"""The prices behind a sum of costs."""

from collections.abc import Collection
from uuid import UUID

from runs.costs.models import Price
from runs.insight.measures import Scope, models_asked


def charged(scope: Scope, organisations: Collection[UUID]) -> list[Price]:
    """The prices that held within the period for the models that the scope's runs asked, newest first."""
    asked = models_asked(scope)
    begins, latest = scope.period.begins(), scope.period.latest()
    known = Price.objects.filter(organisation__in=organisations, effective_from__lte=latest)
    found: list[Price] = []
    replaced: set[tuple[UUID, str, str]] = set()
    for price in known.order_by("-effective_from", "provider", "model"):
        of = (price.organisation_id, price.provider, price.model)
        if (price.provider, price.model) in asked and of not in replaced:
            found.append(price)
        if begins is not None and price.effective_from <= begins:
            replaced.add(of)  # the earlier ones had ended when the period began
    return found
