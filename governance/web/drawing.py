"""Where the boxes and arrows of a graph stand, as numbers that a template turns into SVG. Pure functions.

The layout is the layered one of Sugiyama: each box in the layer of its longest way from a beginning, long
arrows led past the boxes through empty places, and the order within a layer settled by the mean place of the
neighbours. Drawn downwards, a layer takes no more boxes than a card is wide: of a fuller one, every second
moves down.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from governance.web.arrows import PlacedArrow, placed_arrow
from governance.web.boxes import HEIGHT, WIDTH, Box, PlacedBox, cut, placed_box

__all__ = ["Arrow", "Box", "Direction", "Drawing", "drawn", "layers"]

Direction = Literal["right", "down"]

BEND, MOST_BESIDE = 12, 3
GAP_BESIDE, GAP_AHEAD, GAP_AHEAD_LABELLED = 14, 44, 96
GAP_DOWN, GAP_DOWN_LABELLED = 30, 46
MARGIN = 10
SWEEPS = 6


@dataclass(frozen=True)
class Arrow:
    """From one box to another, perhaps with a word on it."""

    source: str
    target: str
    label: str = ""


@dataclass(frozen=True)
class Drawing:
    """A whole drawing; `words` is its text alternative."""

    width: float
    height: float
    boxes: tuple[PlacedBox, ...]
    arrows: tuple[PlacedArrow, ...]
    words: str


def drawn(boxes: Sequence[Box], arrows: Iterable[Arrow], *, direction: Direction = "right") -> Drawing:
    """Place everything.

    Arrows to or from unknown boxes are left out; a circle is drawn without its closing arrow.
    """
    known = {box.key for box in boxes}
    standing = [arrow for arrow in arrows if arrow.source in known and arrow.target in known]
    layer = layers([box.key for box in boxes], standing)
    if direction == "down":
        layer = narrowed(layer, standing)
    ways = [_way(arrow, layer) for arrow in standing if layer[arrow.source] < layer[arrow.target]]
    rows = _ordered(layer, ways)
    places = _places(rows, ways, direction)
    placed = tuple(placed_box(box, places[box.key]) for box in boxes)
    joined = _arrows(ways, places, direction)
    right = max((x + (BEND if _is_bend(key) else WIDTH) for key, (x, _) in places.items()), default=0)
    bottom = max((y + (BEND if _is_bend(key) else HEIGHT) for key, (_, y) in places.items()), default=0)
    return Drawing(right + MARGIN, bottom + MARGIN, placed, joined, words=_words(boxes, standing))


def layers(keys: Sequence[str], arrows: Iterable[Arrow]) -> dict[str, int]:
    """For each key the length of the longest way to it. Arrows that close a circle are ignored."""
    following: dict[str, list[str]] = defaultdict(list)
    for arrow in arrows:
        following[arrow.source].append(arrow.target)
    order, layer = _topological(keys, following), dict.fromkeys(keys, 0)
    position = {key: number for number, key in enumerate(order)}
    for key in order:
        for target in following[key]:
            if position[target] > position[key]:
                layer[target] = max(layer[target], layer[key] + 1)
    return layer


def narrowed(layer: dict[str, int], arrows: Sequence[Arrow]) -> dict[str, int]:
    """The layers with at most `MOST_BESIDE` boxes in each, every box still below those that lead to it."""
    onward = [arrow for arrow in arrows if layer[arrow.source] < layer[arrow.target]]
    found, number = dict(layer), 0
    while number <= max(found.values(), default=-1):
        row = [key for key, own in found.items() if own == number]
        if len(row) > MOST_BESIDE:
            stay = row[: 2 * MOST_BESIDE : 2]
            found.update(dict.fromkeys([key for key in row if key not in stay], number + 1))
            for arrow in sorted(onward, key=lambda arrow: layer[arrow.source]):
                found[arrow.target] = max(found[arrow.target], found[arrow.source] + 1)
        number += 1
    return found


def _topological(keys: Sequence[str], following: dict[str, list[str]]) -> list[str]:
    """The keys, each before what follows it; without recursion, since a graph may be 200 nodes long."""
    done: list[str] = []
    seen: set[str] = set()
    for first in keys:
        stack = [(first, iter(following[first]))] if first not in seen else []
        seen.add(first)
        while stack:
            key, rest = stack[-1]
            onward = next((target for target in rest if target not in seen), None)
            if onward is None:
                done.append(key)
                stack.pop()
            else:
                seen.add(onward)
                stack.append((onward, iter(following[onward])))
    return done[::-1]


@dataclass(frozen=True)
class _Way:
    """An arrow as the points that it goes through, one for each layer from its source to its target."""

    arrow: Arrow
    points: tuple[str, ...]


def _way(arrow: Arrow, layer: dict[str, int]) -> _Way:
    between = range(layer[arrow.source] + 1, layer[arrow.target])
    bends = [f"\x00{arrow.source}\x00{arrow.target}\x00{arrow.label}\x00{number}" for number in between]
    for number, bend in zip(between, bends, strict=True):
        layer[bend] = number
    return _Way(arrow, (arrow.source, *bends, arrow.target))


def _is_bend(key: str) -> bool:
    return key.startswith("\x00")


def _ordered(layer: dict[str, int], ways: Sequence[_Way]) -> list[list[str]]:
    """The points of each layer in an order with few crossings."""
    rows: list[list[str]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    ends = {point: way.points[-1] for way in ways for point in way.points[1:-1]}
    declared = {key: place for place, key in enumerate(layer)}
    declared |= {point: declared[end] for point, end in ends.items()}
    for key in sorted(layer, key=declared.__getitem__):
        rows[layer[key]].append(key)
    before: dict[str, list[str]] = defaultdict(list)
    after: dict[str, list[str]] = defaultdict(list)
    for way in ways:
        for source, target in zip(way.points, way.points[1:], strict=False):
            after[source].append(target)
            before[target].append(source)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        numbers = range(1, len(rows)) if forward else range(len(rows) - 2, -1, -1)
        for number in numbers:
            neighbours = before if forward else after
            beside = _across(rows[number - 1 if forward else number + 1])
            rows[number] = _sorted(rows[number], neighbours, beside)
    return rows


def _sorted(row: list[str], neighbours: dict[str, list[str]], beside: dict[str, float]) -> list[str]:
    weight = _across(row)
    for key in row:
        if near := [beside[other] for other in neighbours[key] if other in beside]:
            weight[key] = sum(near) / len(near)
    return sorted(row, key=weight.__getitem__)


def _across(row: list[str]) -> dict[str, float]:
    """Where each stands from the one end of its layer, 0, to the other, 1: layers of any length compare."""
    return {key: (place + 0.5) / len(row) for place, key in enumerate(row)}


def _places(
    rows: list[list[str]], ways: Sequence[_Way], direction: Direction
) -> dict[str, tuple[float, float]]:
    """The top left corner of every point, each layer centred across the drawing."""
    right = direction == "right"
    along, across = (WIDTH, HEIGHT) if right else (HEIGHT, WIDTH)
    labelled = {key for way in ways if way.arrow.label for key in way.points[:1]}
    sizes = [[BEND if _is_bend(key) else across for key in row] for row in rows]
    lengths = [sum(size) + GAP_BESIDE * (len(size) - 1) for size in sizes]
    places: dict[str, tuple[float, float]] = {}
    position = float(MARGIN)
    for row, size, length in zip(rows, sizes, lengths, strict=True):
        offset = MARGIN + (max(lengths) - length) / 2
        for key, own in zip(row, size, strict=True):
            places[key] = (position, offset) if right else (offset, position)
            offset += own + GAP_BESIDE
        plain, roomy = (GAP_AHEAD, GAP_AHEAD_LABELLED) if right else (GAP_DOWN, GAP_DOWN_LABELLED)
        position += along + (roomy if labelled.intersection(row) else plain)
    return places


def _arrows(
    ways: Sequence[_Way], places: dict[str, tuple[float, float]], direction: Direction
) -> tuple[PlacedArrow, ...]:
    right = direction == "right"
    found = []
    for way in ways:
        corners = [places[point] for point in way.points]
        (x, y), (last_x, last_y) = corners[0], corners[-1]
        if right:
            start, end = (x + WIDTH, y + HEIGHT / 2), (last_x, last_y + HEIGHT / 2)
            bends = [((a, b + BEND / 2), (a + WIDTH, b + BEND / 2)) for a, b in corners[1:-1]]
        else:
            start, end = (x + WIDTH / 2, y + HEIGHT), (last_x + WIDTH / 2, last_y)
            bends = [((a + BEND / 2, b), (a + BEND / 2, b + HEIGHT)) for a, b in corners[1:-1]]
        points = [start, *(point for pair in bends for point in pair), end]
        found.append(placed_arrow(points, right=right, label=cut(way.arrow.label, 20)))
    return tuple(found)


def _words(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> str:
    """The drawing as sentences, one for each box that leads somewhere."""
    title = {box.key: box.title for box in boxes}
    sentences = []
    for box in boxes:
        onward = [
            f"{title[arrow.target]} ({arrow.label})" if arrow.label else title[arrow.target]
            for arrow in arrows
            if arrow.source == box.key
        ]
        sentences.append(
            f"{box.title} leads to {', '.join(onward)}." if onward else f"{box.title} ends there."
        )
    return " ".join(sentences)
