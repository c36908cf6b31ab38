"""Marks inside a changed line: which words went and which came. Pure, and bounded for any input."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from math import ceil
from typing import Literal

WORD = re.compile(r"\w+|\s+|[^\w\s]")
LONGEST_MARKED = 2_000
MOST_WORDS = 120
LONGEST_ACROSS = 6_000
MOST_WORDS_ACROSS = 300
ALIKE = 0.3
LONGEST_SHOWN = 4_000


@dataclass(frozen=True)
class Part:
    """A stretch of a line; `mark` is "ins", "del" or empty."""

    mark: Literal["", "ins", "del"]
    text: str


Parts = tuple[Part, ...]


def shown(line: str) -> Parts:
    """A line without marks, cut when nobody could read it anyway."""
    if len(line) <= LONGEST_SHOWN:
        return (Part("", line),)
    rest = len(line) - LONGEST_SHOWN
    return (Part("", line[:LONGEST_SHOWN]), Part("", f" … {rest:,} more characters on this line"))


def marked(old: str, new: str) -> tuple[Parts, Parts]:
    """The old line with what went marked, the new one with what came; unmarked when little is common."""
    if max(len(old), len(new)) > LONGEST_MARKED:
        return shown(old), shown(new)
    found = _compared(WORD.findall(old), WORD.findall(new), most=MOST_WORDS)
    return found or (shown(old), shown(new))


def marked_across(old: Sequence[str], new: Sequence[str]) -> tuple[list[Parts], list[Parts]] | None:
    """The same for lines that came in place of others: a word that moved to another line is not marked.

    Nothing when they are too long or have too little in common: then each line is compared by itself.
    """
    if max(_length(old), _length(new)) > LONGEST_ACROSS:
        return None
    found = _compared(_words(old), _words(new), most=MOST_WORDS_ACROSS)
    return (_by_line(found[0]), _by_line(found[1])) if found else None


def cost_across(old: Sequence[str], new: Sequence[str]) -> int:
    """How many single lines that may take as long as, at worst: it grows with the cube of the words."""
    if max(_length(old), _length(new)) > LONGEST_ACROSS:
        return 0
    words = max(len(_words(old)), len(_words(new)))
    return ceil((words / MOST_WORDS) ** 3) if words <= MOST_WORDS_ACROSS else 0


def _length(lines: Sequence[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _words(lines: Sequence[str]) -> list[str]:
    return WORD.findall("\n".join(lines))


def _compared(before: list[str], after: list[str], *, most: int) -> tuple[Parts, Parts] | None:
    if max(len(before), len(after)) > most:
        return None
    matcher = SequenceMatcher(None, _keys(before), _keys(after), autojunk=False)
    if matcher.quick_ratio() < ALIKE:
        return None
    gone: list[Part] = []
    came: list[Part] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        same = tag == "equal"
        if a != b:
            gone.append(Part("" if same else "del", "".join(before[a:b])))
        if c != d:
            came.append(Part("" if same else "ins", "".join(after[c:d])))
    return tuple(gone), tuple(came)


def _keys(words: list[str]) -> list[str]:
    """What is compared: a line break counts as the blank that stands in its place on a longer line."""
    return [" " if "\n" in word else word for word in words]


def _by_line(parts: Parts) -> list[Parts]:
    lines: list[list[Part]] = [[]]
    for part in parts:
        first, *more = part.text.split("\n")
        lines[-1].append(Part(part.mark, first))
        lines.extend([Part(part.mark, text)] for text in more)
    return [tuple(part for part in line if part.text) for line in lines]
