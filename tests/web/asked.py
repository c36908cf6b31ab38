"""How a test asks for a route."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from tests.web.world import World


@dataclass(frozen=True)
class Asked:
    """The object that a route is asked about, and the body of a POST that would be in order."""

    pk: Callable[[World], UUID] | None = None
    more: Callable[[World], dict[str, Any]] = lambda world: {}
    body: Callable[[World], dict[str, Any]] = lambda world: {}
    query: Callable[[World], dict[str, Any]] = lambda world: {}

    def url(self, name: str, world: World, *, pk: UUID | None = None) -> str:
        """The address with its query; `pk` in place of the object's own."""
        named = self.more(world)
        if self.pk is not None:
            named = {**named, "pk": pk or self.pk(world)}
        return reverse(name, kwargs=named, query=self.query(world) or None)
