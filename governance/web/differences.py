"""What differs between two texts, line by line, with marks inside changed lines. Pure, bounded for any input.

`difflib` is exact and can take cubic time, so it only ever sees small pieces: what is equal at both ends is
set aside, lines that occur once on both sides cut the rest into pieces, and a budget ends the refinement. A
piece over the budget is shown as wholly replaced, which is always true, if less fine.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from governance.web.words import Part, Parts, cost_across, marked, marked_across, shown

Kind = Literal["same", "add", "rem", "gap"]
Block = tuple[int, int, int, int]

SMALL_PIECE = 150
PIECES = 24
CONTEXT = 3
MOST_LINES = 50_000
MOST_ROWS = 1_500
MARKED_PAIRS = 60
LONGEST_TEXT = 2_000_000


@dataclass
class Budget:
    """What one page may spend on all its comparisons: refined pieces, rows, pairs marked by words."""

    pieces: int = PIECES
    rows: int = MOST_ROWS
    pairs: int = MARKED_PAIRS


@dataclass(frozen=True)
class Row:
    """One line of the comparison: its number in each text, and its parts with their marks."""

    kind: Kind
    old: int | None
    new: int | None
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Difference:
    """Two texts compared. `cut` says that there is more than is shown."""

    rows: tuple[Row, ...]
    added: int
    removed: int
    cut: bool = False

    @property
    def changed(self) -> bool:
        """Whether the texts differ at all."""
        return bool(self.added or self.removed)


def compare(old: str, new: str, budget: Budget | None = None) -> Difference:
    """The difference from `old` to `new`, with three lines of context around each change.

    It takes what it spends from `budget`; a page with several comparisons hands each the same one.
    Texts beyond two million characters are only said to differ: `cut` is set and no rows are given.
    """
    if max(len(old), len(new)) > LONGEST_TEXT:
        differs = int(old != new)
        return Difference((), differs, differs, cut=True)
    budget = budget or Budget()
    before, after = _lines(old), _lines(new)
    blocks = list(_blocks(before, after, budget))
    added = sum(end - start for _, _, start, end in blocks)
    removed = sum(end - start for start, end, _, _ in blocks)
    rows: list[Row] = []
    for row in _rows(before, after, blocks, budget):
        if not budget.rows:
            return Difference(tuple(rows), added, removed, cut=bool(added or removed))
        budget.rows -= 1
        rows.append(row)
    return Difference(tuple(rows), added, removed)


def side_by_side(difference: Difference) -> list[tuple[Row | None, Row | None]]:
    """The rows as pairs: what went beside what came in its place."""
    pairs: list[tuple[Row | None, Row | None]] = []
    gone: list[Row] = []
    came: list[Row] = []

    def settle() -> None:
        for number in range(max(len(gone), len(came))):
            pairs.append(
                (gone[number] if number < len(gone) else None, came[number] if number < len(came) else None)
            )
        gone.clear()
        came.clear()

    for row in difference.rows:
        if row.kind == "rem":
            if came:
                settle()
            gone.append(row)
        elif row.kind == "add":
            came.append(row)
        else:
            settle()
            pairs.append((row, row))
    settle()
    return pairs


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []


def _blocks(before: list[str], after: list[str], budget: Budget) -> Iterator[Block]:
    """The changed stretches in order, as (old start, old end, new start, new end)."""
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    whole = (head, len(before) - tail, head, len(after) - tail)
    for piece in _pieces(before, after, whole):
        start, end, new_start, new_end = piece
        if start == end or new_start == new_end:
            if start != end or new_start != new_end:
                yield piece
        elif budget.pieces and max(end - start, new_end - new_start) <= SMALL_PIECE:
            budget.pieces -= 1
            yield from _refined(before, after, piece)
        else:
            yield piece


def _pieces(before: list[str], after: list[str], whole: Block) -> Iterator[Block]:
    """The stretch itself when small or vast, else what stands between the lines unique on both sides."""
    start, end, new_start, new_end = whole
    if not SMALL_PIECE < max(end - start, new_end - new_start) <= MOST_LINES:
        yield whole
        return
    for old_at, new_at in [*_anchors(before, after, whole), (end, new_end)]:
        yield start, old_at, new_start, new_at
        start, new_start = old_at + 1, new_at + 1


def _anchors(before: list[str], after: list[str], whole: Block) -> list[tuple[int, int]]:
    """Lines that occur once on both sides, in the longest common order (Bram Cohen's patience diff)."""
    start, end, new_start, new_end = whole
    counted, counted_new = Counter(before[start:end]), Counter(after[new_start:new_end])
    where = {after[at]: at for at in range(new_start, new_end) if counted_new[after[at]] == 1}
    pairs = [
        (at, where[before[at]])
        for at in range(start, end)
        if counted[before[at]] == 1 and before[at] in where
    ]
    return _rising(pairs)


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs that rises on both sides, in O(n log n)."""
    tops: list[int] = []
    previous: list[int] = []
    for number, (_, value) in enumerate(pairs):
        low, high = 0, len(tops)
        while low < high:
            middle = (low + high) // 2
            if pairs[tops[middle]][1] < value:
                low = middle + 1
            else:
                high = middle
        previous.append(tops[low - 1] if low else -1)
        tops[low : low + 1] = [number]
    found: list[tuple[int, int]] = []
    at = tops[-1] if tops else -1
    while at >= 0:
        found.append(pairs[at])
        at = previous[at]
    return found[::-1]


def _refined(before: list[str], after: list[str], piece: Block) -> Iterator[Block]:
    start, end, new_start, new_end = piece
    matcher = SequenceMatcher(None, before[start:end], after[new_start:new_end], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            yield start + a, start + b, new_start + c, new_start + d


def _rows(before: list[str], after: list[str], blocks: Sequence[Block], budget: Budget) -> Iterator[Row]:
    at, new_at = 0, 0
    for number, (start, end, new_start, new_end) in enumerate(blocks):
        yield from _context(before, at, start, new_at, first=number == 0, last=False)
        gone, came = _marks(before[start:end], after[new_start:new_end], budget)
        for n in range(end - start):
            yield Row("rem", start + n + 1, None, gone[n] if n < len(gone) else shown(before[start + n]))
        for n in range(new_end - new_start):
            parts = came[n] if n < len(came) else shown(after[new_start + n])
            yield Row("add", None, new_start + n + 1, parts)
        at, new_at = end, new_end
    yield from _context(before, at, len(before), new_at, first=not blocks, last=True)


def _marks(old: list[str], new: list[str], budget: Budget) -> tuple[list[Parts], list[Parts]]:
    """The first lines of a changed stretch with their marks: as one text, or in pairs where it is long."""
    if not old or not new:
        return [], []
    cost = cost_across(old, new)
    if cost <= budget.pairs and (found := marked_across(old, new)):
        budget.pairs -= cost
        return found
    pairs = min(len(old), len(new), budget.pairs)
    budget.pairs -= pairs
    marks = [marked(was, now) for was, now in zip(old[:pairs], new[:pairs], strict=True)]
    return [gone for gone, _ in marks], [came for _, came in marks]


def _context(
    before: list[str], start: int, end: int, new_start: int, *, first: bool, last: bool
) -> Iterator[Row]:
    """The equal lines from `start` to `end`: whole when few, else their ends and a gap that counts."""
    ahead, behind = (0 if first else CONTEXT), (0 if last else CONTEXT)
    hidden = end - start - ahead - behind
    for at in range(start, end):
        if hidden > 1 and start + ahead <= at < end - behind:
            if at == start + ahead:
                yield Row("gap", None, None, (Part("", f"{hidden:,} unchanged lines"),))
            continue
        yield Row("same", at + 1, new_start + at - start + 1, shown(before[at]))
