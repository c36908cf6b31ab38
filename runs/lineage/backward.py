"""From one output back to everything behind it, through the runs before its own.

`trace` draws an output's own run in full. This leads beyond it: through memory to the runs that wrote it,
from a part to its whole and into its parts, from a fork to what it took over, through what people decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from runs.lineage.closure import Reached, walk
from runs.records.models import Step

SQL = Path(__file__).parent / "sql"
BEFORE = (SQL / "before.sql").read_bytes()
MOST: Final = 1_000
BY_PEOPLE: Final = "human_task"


@dataclass(frozen=True)
class Behind:
    """The steps that an output goes back to, the nearest first; `capped` when there are more.

    Of each `links` says which later step it led to (`source`), and how.
    """

    step: Step
    steps: Sequence[Step]
    links: Sequence[Reached]
    capped: bool

    @property
    def runs(self) -> set[UUID]:
        """The runs that the output goes back to, its own among them."""
        return {self.step.run_id, *(found.run_id for found in self.steps)}

    @property
    def decided_by_people(self) -> list[Step]:
        """What people approved, chose or corrected on the way."""
        return [found for found in self.steps if found.kind == BY_PEOPLE]

    @property
    def elsewhere(self) -> list[Step]:
        """The steps that are not of the output's own run."""
        return [found for found in self.steps if found.run_id != self.step.run_id]


def behind(step: Step, *, most: int = MOST) -> Behind:
    """Everything behind the step's output, in two queries for each step of distance and batch of 500.

    The caller has fetched the step within reach; all of it belongs to the same project.
    """
    found = walk([step.pk], BEFORE, most=most)
    known = (
        Step.objects.with_names().select_related("run__workflow").in_bulk([one.step for one in found.reached])
    )
    return Behind(step, [known[one.step] for one in found.reached], found.reached, found.capped)
