"""The line and the tip of one arrow of a drawing."""

from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]
TIP = 7.0
TIP_HALF = 3.5


@dataclass(frozen=True)
class PlacedArrow:
    """An arrow as SVG path data for its line and its tip; the label stands where no other line is."""

    line: str
    tip: str
    label: str
    label_x: float
    label_y: float
    anchor: str


def placed_arrow(points: Sequence[Point], *, right: bool, label: str) -> PlacedArrow:
    """A smooth line through the points, each piece leaving and arriving in the direction of the drawing."""
    (x, y), (end_x, end_y) = points[0], points[-1]
    stop = (end_x - TIP, end_y) if right else (end_x, end_y - TIP)
    pieces = [f"M{_n(x)} {_n(y)}"]
    here = points[0]
    for there in [*points[1:-1], stop]:
        pieces.append(_piece(here, there, right=right))
        here = there
    return PlacedArrow(
        line=" ".join(pieces),
        tip=_tip(end_x, end_y, right=right),
        label=label,
        label_x=round(x + 8 if right else points[1][0], 1),
        label_y=round((y + points[1][1]) / 2 - 5 if right else points[1][1] - 14, 1),
        anchor="start" if right else "middle",
    )


def _piece(here: Point, there: Point, *, right: bool) -> str:
    if right:
        half = (there[0] - here[0]) / 2
        first, second = (here[0] + half, here[1]), (there[0] - half, there[1])
    else:
        half = (there[1] - here[1]) / 2
        first, second = (here[0], here[1] + half), (there[0], there[1] - half)
    return f"C{_n(first[0])} {_n(first[1])} {_n(second[0])} {_n(second[1])} {_n(there[0])} {_n(there[1])}"


def _tip(x: float, y: float, *, right: bool) -> str:
    if right:
        return f"M{_n(x)} {_n(y)}L{_n(x - TIP)} {_n(y - TIP_HALF)}L{_n(x - TIP)} {_n(y + TIP_HALF)}Z"
    return f"M{_n(x)} {_n(y)}L{_n(x - TIP_HALF)} {_n(y - TIP)}L{_n(x + TIP_HALF)} {_n(y - TIP)}Z"


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
