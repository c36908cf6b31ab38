"""What to offer when a search found nothing: things of a like name, and people who acted."""

import re
from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet

from governance.accounts.models import User
from governance.catalog.models import Asset
from governance.ledger.models import Event
from runs.insight.patience import Patience, TooGeneral

MOST: Final = 6
FEWEST_LETTERS: Final = 4  # of a word that may name something; shorter ones stand in every name
MOST_WORDS: Final = 8
LONGEST_NAME: Final = 80
PATIENCE_SECONDS: Final = 2.0


@dataclass(frozen=True)
class Nearest:
    """Prompts, models and workflows named alike, and the names of those who stand in the ledger."""

    assets: list[Asset]
    people: list[str]


def nearest(text: str, *, actor: User) -> Nearest:
    """What the person may see and what the text comes close to naming."""
    return Nearest(_assets(text, actor), _people(text, actor) if len(text) <= LONGEST_NAME else [])


def _assets(text: str, actor: User) -> list[Asset]:
    words = [word for word in re.split(r"[\W_]+", text.lower()) if len(word) >= FEWEST_LETTERS]
    named = Q(pk__in=[])
    for word in words[:MOST_WORDS]:
        named |= Q(slug__icontains=word)
    found: QuerySet[Asset] = Asset.objects.visible_to(actor).filter(named)
    alike = sorted(found, key=lambda asset: -sum(word in asset.slug.lower() for word in words))
    return alike[:MOST]


def _people(text: str, actor: User) -> list[str]:
    acted = Event.objects.visible_to(actor).filter(actor_name__icontains=text)
    try:
        names = Patience(PATIENCE_SECONDS).read(
            acted.order_by("actor_name").values_list("actor_name", flat=True).distinct()[:MOST]
        )
    except TooGeneral:
        return []
    return [str(name) for name in names]
