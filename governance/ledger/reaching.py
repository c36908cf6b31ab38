"""What a person reaches is the answer of `governance.access`, which lies above and registers it here."""

from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

from governance.ledger.services import Actor


class Reached(Protocol):
    """The organisations, and the projects of them, that somebody may read, and those that they own."""

    @property
    def organisations(self) -> frozenset[UUID]:
        """By identifier."""

    @property
    def owned(self) -> frozenset[UUID]:
        """By identifier."""

    def projects(self) -> frozenset[UUID]:
        """By identifier."""


# Each asks for a user of `governance.accounts`, which lies above as well.
_answers: list[Callable[[Any], Reached]] = []


def answered_by(answer: Callable[[Any], Reached]) -> None:
    """From now on this function is asked."""
    _answers[:] = [answer]


def reached(actor: Actor) -> Reached:
    """What the person may read. Raises `ValueError` before `governance.access` is loaded: nothing is open."""
    (answer,) = _answers
    return answer(actor)
