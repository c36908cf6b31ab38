"""A long run's steps, a piece at a time: a run over ten thousand items is never listed whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from runs.records.models import Run, Step

SIZE: Final = 60
MOST: Final = 600  # attempts
NAME: Final = "from"


@dataclass(frozen=True)
class Piece:
    """The steps at so many positions. `query` asks for it again, `""` for the newest one."""

    steps: list[Step]
    begin: int
    positions: int
    query: str

    @property
    def end(self) -> int:
        """The position after it."""
        return min(self.begin + SIZE, self.positions)

    @property
    def is_first(self) -> bool:
        """Whether the run begins with it."""
        return self.begin == 0

    @property
    def is_last(self) -> bool:
        """Whether the run stands in it, or has ended."""
        return self.begin + SIZE >= self.positions

    @property
    def earlier_url(self) -> str:
        """The address of the piece before."""
        return "" if self.is_first else f"?{NAME}={self.begin - SIZE}#steps"

    @property
    def later_url(self) -> str:
        """The address of the piece after."""
        return "" if self.is_last else f"?{NAME}={self.begin + SIZE}#steps"


def piece_of(run: Run, parameters: Mapping[str, str]) -> Piece:
    """The piece that the address asks for; the newest one when it asks for none that there is."""
    positions = run.position + 1
    newest = (positions - 1) // SIZE * SIZE
    asked = parameters.get(NAME, "")
    begin = int(asked) // SIZE * SIZE if asked.isdecimal() and len(asked) < len("1000000") else newest
    query = f"?{NAME}={begin}" if asked and begin < newest else ""
    begin = min(begin, newest)
    rows = Step.objects.filter(run=run.pk, position__gte=begin, position__lt=begin + SIZE)
    newest_first = rows.with_names().order_by("-position", "-attempt")[:MOST]
    return Piece(list(newest_first)[::-1], begin, positions, query)
