"""Which parts of a tree a root or a proof is made of: RFC 6962's recursions as plain ranges of leaves.

A span is a half-open range `(first, end)` of positions, aligned so that its leaves form one subtree.
"""

from collections.abc import Iterator

from governance.merkle.tree import LARGEST_SIZE

Span = tuple[int, int]


def root_spans(size: int) -> list[Span]:
    """All leaves at once; nothing for the empty tree. Raises `ValueError` for a size that cannot be."""
    _check(0, size)
    return [(0, size)] if size else []


def inclusion_spans(position: int, size: int) -> list[Span]:
    """The siblings on the way from the leaf to the root, in the proof's order (RFC 6962, section 2.1.1).

    Raises `ValueError` when the tree has no such position.
    """
    _check(position + 1, size)
    if position < 0:
        raise ValueError(f"There is no position {position:,}.")
    first, end = 0, size
    spans: list[Span] = []
    while end - first > 1:
        middle = _middle(first, end)
        if position < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((first, middle))
            first = middle
    return spans[::-1]


def consistency_spans(old: int, new: int) -> list[Span]:
    """What shows that the tree of `new` continues the tree of `old`, in the proof's order (section 2.1.2).

    Nothing for the empty tree and for a tree and itself. Raises `ValueError` when `old` is not within `new`.
    """
    _check(old, new)
    if old in {0, new}:
        return []
    first, end = 0, new
    spans: list[Span] = []
    while end != old:
        middle = _middle(first, end)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((first, middle))
            first = middle
    if first:  # else the old tree's root, which the reader has, is where the proof begins
        spans.append((first, end))
    return spans[::-1]


def subtrees(span: Span) -> Iterator[tuple[int, int]]:
    """The complete subtrees of a span from the left, each as its height and its index among those of it."""
    first, end = span
    while first < end:
        height = (end - first).bit_length() - 1
        yield height, first >> height
        first += 1 << height


def _middle(first: int, end: int) -> int:
    """Where the recursion splits: the left part is the largest power of two below the whole."""
    return first + (1 << (end - first - 1).bit_length() - 1)


def _check(within: int, size: int) -> None:
    if not 0 <= within <= size <= LARGEST_SIZE:
        raise ValueError(f"{within:,} leaves are not within a tree of {size:,}.")
