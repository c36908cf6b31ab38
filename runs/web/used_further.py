"""Where an output went on from, and where the same content came up without it."""

from typing import Final

from django.db.models import Q

from governance.accounts.models import User
from runs.lineage.closure import came_of
from runs.lineage.models import Edge
from runs.records.models import Step

MOST: Final = 6


def used_further(step: Step, actor: User) -> dict[str, list[Edge]]:
    """The newest readings of this output (`used`), and other places of the same content (`elsewhere`).

    Contents are stored once: that a step read the same bytes does not tell that it had them from here.
    """
    if step.output is None:
        return {"used": [], "elsewhere": []}
    same = Edge.objects.visible_to(actor).filter(artifact__in=step.output.copies()).exclude(step=step.pk)
    named = Q(source=step.node) | Q(source__startswith=f"{step.node}.")
    from_here = Q(step__in=[found.step for found in came_of([step.pk])]) | Q(step__run=step.run_id) & named
    newest = same.select_related("step__run__workflow").order_by("-id")
    used = newest.filter(from_here, role=Edge.Role.INPUT)
    others = newest.exclude(pk__in=used.values("pk"))
    return {"used": list(used[:MOST]), "elsewhere": list(others[:MOST])}
