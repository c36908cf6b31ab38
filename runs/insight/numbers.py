"""Numbers that people write in groups or not, of a card, an account, a telephone: only their digits count."""

import re
from typing import Final

from runs.artifacts.words import folded, phrase_query

FEWEST_DIGITS: Final = 7
_NUMBER: Final = re.compile(r"[a-z]{0,2}[0-9][0-9a-z]{6,39}")  # an IBAN begins with its country


def number_in(text: str) -> str:
    """The one number that the text is, without its gaps; empty when it is something else."""
    number = folded(text).replace(" ", "")
    digits = sum(character.isdigit() for character in number)
    is_one = _NUMBER.fullmatch(number) and digits >= FEWEST_DIGITS and digits * 3 >= len(number) * 2
    return number if is_one else ""


def number_query(number: str) -> str:
    """The number in any groups, as the text of a `tsquery`: the first group and how the second begins."""
    grouped = [f"{number[:end]} {number[end]}" for end in range(1, len(number))]
    return " | ".join(phrase_query(written, whole_start=True) for written in [number, *grouped])


def number_pattern(number: str) -> re.Pattern[str]:
    """The number in a folded text, wherever its gaps are."""
    return re.compile(r"(?<!\w)" + " ?".join(number))
