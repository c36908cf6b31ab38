"""Where in a text a fragment stands: compared as `words.folded` does, shown as it was written."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from runs.artifacts.words import GAP, folded, folded_character, readable

AROUND: Final = 120  # characters shown on each side
Fragment = str | re.Pattern[str]  # folded: the words themselves, or the ways to write them


@dataclass(frozen=True)
class Passage:
    """A piece of a text with the fragment in its middle; or its class alone, where it is masked."""

    before: str
    match: str
    after: str
    masked: str = ""


def contains(body: bytes, media_type: str, fragment: Fragment) -> bool:
    """Whether the content, as a person reads it or as it is stored, holds the folded fragment."""
    return any(_place(folded(text), fragment) for text in _texts(body, media_type))


def passage(body: bytes, media_type: str, fragment: Fragment) -> Passage | None:
    """The first place of the folded fragment in the content, with what stands around it."""
    for text in _texts(body, media_type):
        found = _located(text, fragment)
        if found is not None:
            return found
    return None


def _texts(body: bytes, media_type: str) -> list[str]:
    """The readable form first; JSON also as stored, for those who paste it with its punctuation."""
    plain = body.decode("utf-8")
    read = readable(body, media_type)
    return [read] if read == plain else [read, plain]


def _located(text: str, fragment: Fragment) -> Passage | None:
    composed = unicodedata.normalize("NFC", text)
    compared, origins = aligned(composed)
    place = _place(compared, fragment)
    if place is None:
        return None
    first, last = origins[place[0]], origins[place[1] - 1] + 1
    start, end = max(0, first - AROUND), min(len(composed), last + AROUND)
    return Passage(
        before=("…" if start else "") + composed[start:first],
        match=composed[first:last],
        after=composed[last:end] + ("…" if end < len(composed) else ""),
    )


def _place(compared: str, fragment: Fragment) -> tuple[int, int] | None:
    """From where to where the fragment stands; nothing at all stands nowhere."""
    if isinstance(fragment, re.Pattern):
        found = fragment.search(compared)
        return found.span() if found else None
    at = compared.find(fragment) if fragment else -1
    return (at, at + len(fragment)) if at >= 0 else None


def aligned(text: str) -> tuple[str, list[int]]:
    """The folded form of composed text, and for each of its characters the place that it came from."""
    plain: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        found = folded_character(character)
        plain.append(found)
        places += [place] * len(found)
    return _without_gaps("".join(plain), places)


def _without_gaps(plain: str, places: list[int]) -> tuple[str, list[int]]:
    """The words with one space between them; a space comes from where its gap begins."""
    parts: list[str] = []
    origins: list[int] = []
    end = 0
    for gap in GAP.finditer(plain):
        if gap.start():
            parts.append(plain[end : gap.start()] + " ")
            origins += [*places[end : gap.start()], places[gap.start()]]
        end = gap.end()
    return "".join([*parts, plain[end:]]), origins + places[end:]
