"""Everything that came of some steps, at any remove: breadth first, in batches, and no further than a cap."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from governance.prepared import rows

SQL = Path(__file__).parent / "sql"
REMEMBERED = (SQL / "remembered.sql").read_bytes()
NEXT = (SQL / "next.sql").read_bytes().replace(b"{remembered}", REMEMBERED)
BATCH: Final = 500
MOST: Final = 10_000


@dataclass(frozen=True)
class Reached:
    """A step, one of those it came directly of, and how; a root came of none.

    `how`: it read it, was chosen by it (a branch), is the step of the whole that it was a part of, took it
    over as a fork, or read what it had left in memory. `distance` counts from the nearest root.
    """

    step: UUID
    run: UUID
    source: UUID
    how: str
    distance: int


@dataclass(frozen=True)
class Closure:
    """What was reached, the nearest first; `capped` when there is more."""

    reached: Sequence[Reached]
    capped: bool


def came_of(steps: Sequence[UUID]) -> list[Reached]:
    """What came directly of these steps."""
    return _led_to(list(steps), NEXT, 1)


def closure(roots: Sequence[UUID], *, most: int = MOST) -> Closure:
    """Everything that came of the roots, themselves left out, in batches of `BATCH`, up to `most`."""
    return walk(roots, NEXT, most=most)


def walk(roots: Sequence[UUID], statement: bytes, *, most: int) -> Closure:
    """Breadth first from the roots by a statement which leads from some steps to others."""
    seen, found = set(roots), list[Reached]()
    level, distance = list(dict.fromkeys(roots)), 1
    while level:
        following = []
        for first in range(0, len(level), BATCH):
            for new in _led_to(level[first : first + BATCH], statement, distance):
                if new.step not in seen:
                    if len(found) == most:
                        return Closure(found, capped=True)
                    seen.add(new.step)
                    found.append(new)
                    following.append(new.step)
        level, distance = following, distance + 1
    return Closure(found, capped=False)


def _led_to(steps: list[UUID], statement: bytes, distance: int) -> list[Reached]:
    with _nested_loops():
        return [
            Reached(row.step, row.run, row.source, row.how, distance)
            for row in rows(statement, {"steps": steps})
        ]


@contextmanager
def _nested_loops() -> Iterator[None]:
    """Within, one look-up by index after another, whatever the planner thinks of the numbers of rows.

    A batch is small and the tables are large: joining by hashes would read them whole, which took 18.7 s
    where this takes 0.1 s.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
        yield
        cursor.execute("SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on")
