"""What a run used, with all that was used by its parts, and theirs."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import F, Func, JSONField

if TYPE_CHECKING:
    from runs.records.models import Run

NAME = "used_with_parts"


@dataclass(frozen=True)
class Used:
    """Tokens, and what they cost; not `priced` when a step of it had no price."""

    tokens_in: int
    tokens_out: int
    cost: Decimal
    priced: bool


class WithParts(Func):
    """In one query with the rows: the sums over each run and everything that it is made of."""

    template = (
        "(WITH RECURSIVE tree AS (SELECT %(expressions)s AS id UNION ALL SELECT part.id FROM tree"
        " JOIN runs_run AS part ON part.parent_id = tree.id)"
        " SELECT jsonb_build_array(sum(used.tokens_in), sum(used.tokens_out), sum(used.cost)::text,"
        " bool_and(used.priced)) FROM tree JOIN runs_run AS used ON used.id = tree.id)"
    )

    def __init__(self) -> None:
        super().__init__(F("pk"), output_field=JSONField())


def used_of(run: "Run") -> Used:
    """What was read with the run (`with_names`), else what its own steps used."""
    sums: list[Any] | None = getattr(run, NAME, None)
    if sums is None:
        return Used(run.tokens_in, run.tokens_out, run.cost, run.priced)
    return Used(int(sums[0]), int(sums[1]), Decimal(sums[2]), bool(sums[3]))
