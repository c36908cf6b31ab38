"""The named system actors that the engine's events carry."""

from dataclasses import dataclass
from functools import cache
from uuid import UUID

from governance.accounts.models import User


@dataclass(frozen=True)
class SystemActor:
    """A system actor's identifier and printed name."""

    pk: UUID
    name: str


@cache
def engine() -> SystemActor:
    """Who executes runs."""
    return _named("engine")


@cache
def sweeper() -> SystemActor:
    """Who takes runs back from workers that have died."""
    return _named("sweeper")


def _named(slug: str) -> SystemActor:
    found = User.objects.system(slug)
    return SystemActor(found.pk, found.name)
