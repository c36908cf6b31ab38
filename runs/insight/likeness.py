"""How much of a pasted text stands in another one, word after word, and where."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from runs.artifacts.words import PART, folded, readable
from runs.insight.passages import AROUND, aligned

SHORT: Final = 8  # words; of fewer, three in their order count as shared, else four
LONG_RUN: Final = 8  # words one after another: a sentence that was kept
LONGEST_COMPARED: Final = 100_000  # characters of a content

Span = tuple[int, int]


@dataclass(frozen=True)
class Piece:
    """A part of the text that was found, as it was written, and whether the pasted text has it too."""

    text: str
    shared: bool


@dataclass(frozen=True)
class Likeness:
    """The shared words, of how many; the longest run of them; and the text around them.

    Of a masked content there is no text, but its class in words.
    """

    shared: int
    words: int
    longest: int
    pieces: tuple[Piece, ...]
    masked: str = ""

    @property
    def is_close(self) -> bool:
        """Whether a sentence or half of the words is the same: less than that stands in any letter."""
        return self.longest >= LONG_RUN or self.shared * 2 >= self.words


def parts_of(text: str) -> list[str]:
    """The words, folded; of a script without spaces, the characters."""
    return PART.findall(folded(text))


def fewest_shared(parts: Sequence[object]) -> int:
    """How many words in their order make a shared run."""
    return 3 if len(parts) < SHORT else 4


def likeness(body: bytes, media_type: str, parts: Sequence[str]) -> Likeness | None:
    """What the content shares with the folded words, in their order; None when that is no run at all."""
    text = unicodedata.normalize("NFC", readable(body, media_type)[:LONGEST_COMPARED])
    compared, origins = aligned(text)
    tokens = list(PART.finditer(compared))
    matcher = SequenceMatcher(None, [token[0] for token in tokens], parts, autojunk=False)
    fewest = fewest_shared(parts)
    runs = [block for block in matcher.get_matching_blocks() if block.size >= fewest]
    if not runs:
        return None
    spans = [
        (origins[tokens[run.a].start()], origins[tokens[run.a + run.size - 1].end() - 1] + 1) for run in runs
    ]
    sizes = [run.size for run in runs]
    return Likeness(sum(sizes), len(parts), max(sizes), tuple(_pieces(text, spans)))


def _pieces(text: str, spans: Sequence[Span]) -> Iterator[Piece]:
    end = max(0, spans[0][0] - AROUND)
    if end:
        yield Piece("…", shared=False)
    for first, last in spans:
        yield Piece(_shortened(text[end:first]), shared=False)
        yield Piece(text[first:last], shared=True)
        end = last
    rest = text[end:]
    yield Piece(rest if len(rest) <= AROUND else rest[:AROUND] + "…", shared=False)


def _shortened(text: str) -> str:
    return text if len(text) <= 2 * AROUND else f"{text[:AROUND]} … {text[-AROUND:]}"
