"""What a person reaches is the answer of `governance.access`, which lies above and registers it here."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from governance.accounts.models import User


class Reached(Protocol):
    """The organisations, and the projects of them, that somebody may read."""

    @property
    def organisations(self) -> frozenset[UUID]:
        """By identifier."""

    def projects(self) -> frozenset[UUID]:
        """By identifier."""


_answers: list[Callable[["User"], Reached]] = []


def answered_by(answer: Callable[["User"], Reached]) -> None:
    """From now on this function is asked."""
    _answers[:] = [answer]


def reached(actor: "User") -> Reached:
    """What the person may read. Raises `ValueError` before `governance.access` is loaded: nothing is open."""
    (answer,) = _answers
    return answer(actor)
