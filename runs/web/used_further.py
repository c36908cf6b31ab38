"""Where an output went on from, and where the same content came up without it."""

from typing import Final

from governance.access.gate import reach
from governance.accounts.models import User
from runs.lineage.further import edges_of
from runs.lineage.models import Edge
from runs.records.models import Step

MOST: Final = 6


def used_further(step: Step, actor: User) -> dict[str, list[Edge]]:
    """The newest readings of this output (`used`), and other places of the same content (`elsewhere`).

    Contents are stored once: that a step read the same bytes does not tell that it had them from here.
    """
    if step.output_id is None:
        return {"used": [], "elsewhere": []}
    further = edges_of(step.pk, projects=reach(actor).projects(), most=MOST)
    both = [*further.used, *further.elsewhere]
    known = Edge.objects.select_related("step__run__workflow").in_bulk(both) if both else {}
    return {
        "used": [known[found] for found in further.used],
        "elsewhere": [known[found] for found in further.elsewhere],
    }
