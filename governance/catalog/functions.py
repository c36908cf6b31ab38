"""Which registered functions exist. The package that runs them announces them when it starts."""

from dataclasses import dataclass

_announced: dict[str, "Announcement"] = {}


@dataclass(frozen=True)
class Announcement:
    """A function that a workflow may name as `name@version`, and what it takes."""

    reference: str
    takes: frozenset[str]
    summary: str
    source_sha256: str


def announce(announcement: Announcement) -> None:
    """Make a function known to validation. Announcing the same reference again replaces it."""
    _announced[announcement.reference] = announcement


def announced(reference: str) -> Announcement | None:
    """The function of this reference, if some package runs it."""
    return _announced.get(reference)


def all_announced() -> list[Announcement]:
    """Every known function, by reference."""
    return sorted(_announced.values(), key=lambda known: known.reference)
