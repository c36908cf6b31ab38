"""The twelve letters: plain text files beside this module, in the order of their names."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "letters"
FIRST_CASE = 88_201
FIRST_CUSTOMER = 10_417
CUSTOMERS_APART = 54  # so that the numbers of the first two are easily mistaken: 10417, 10471


@dataclass(frozen=True)
class Letter:
    """One customer's letter, the business reference of its case, and the number of the customer."""

    filename: str
    reference: str
    body: bytes
    customer: str


def all_letters() -> list[Letter]:
    """Every letter, the first case first."""
    files = sorted(FOLDER.glob("*.txt"))
    return [
        Letter(f.name, f"CASE-{FIRST_CASE + n}", f.read_bytes(), f"C-{FIRST_CUSTOMER + n * CUSTOMERS_APART}")
        for n, f in enumerate(files)
    ]


def generations(letters: list[Letter], limit: int | None) -> tuple[list[Letter], list[Letter]]:
    """Which letters the first release answers and which the second, at most `limit` runs in all.

    Without a limit the second answers all of them and the first every third, so that the two can be compared.
    """
    if limit is None:
        return letters[::3], letters
    first = letters[: limit // 3]
    return first, letters[: limit - len(first)]


def remaining(letters: list[Letter], limit: int | None, *, answered: int) -> list[Letter]:
    """What the second release answers when it is in effect from before, the first having answered so many."""
    return letters if limit is None else letters[: max(limit - answered, 0)]
