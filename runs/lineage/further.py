"""For the page of one output: where it went on from there, without everything that came of that."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from governance.prepared import rows
from runs.lineage.closure import REMEMBERED, SQL

FURTHER: Final = (SQL / "used_further.sql").read_bytes().replace(b"{remembered}", REMEMBERED)
LOOKED_AT: Final = 100


@dataclass(frozen=True)
class Further:
    """Edges by which the output was read, and others of the same bytes, the newest steps first."""

    used: Sequence[UUID]
    elsewhere: Sequence[UUID]


def edges_of(step: UUID, *, projects: Collection[UUID], most: int) -> Further:
    """At most so many of each in these projects, in one statement whose cost has a bound.

    Bytes that stand in a great many places are looked for only among the newest `LOOKED_AT` of each role.
    """
    asked = {"step": step, "projects": list(projects), "most": most, "looked": LOOKED_AT}
    found = rows(FURTHER, asked)
    return Further([row.id for row in found if row.used], [row.id for row in found if not row.used])
