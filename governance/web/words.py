"""Marks inside a changed line: which words went and which came. Pure, and bounded for any input."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

WORD = re.compile(r"\w+|\s+|[^\w\s]")
LONGEST_MARKED = 2_000
MOST_WORDS = 120
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
    before, after = WORD.findall(old), WORD.findall(new)
    if max(len(before), len(after)) > MOST_WORDS:
        return shown(old), shown(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.quick_ratio() < ALIKE:
        return shown(old), shown(new)
    gone: list[Part] = []
    came: list[Part] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        same = tag == "equal"
        if a != b:
            gone.append(Part("" if same else "del", "".join(before[a:b])))
        if c != d:
            came.append(Part("" if same else "ins", "".join(after[c:d])))
    return tuple(gone), tuple(came)
