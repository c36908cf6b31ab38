"""Reading lineage edges, always through a person's reach."""

from typing import TYPE_CHECKING, Self

from django.db import models

from governance.access.gate import reach
from governance.accounts.models import User

if TYPE_CHECKING:
    from runs.lineage.models import Edge


class EdgeQuerySet(models.QuerySet["Edge"]):
    """Questions about edges."""

    def visible_to(self, actor: User) -> Self:
        """Edges of the runs the person may see."""
        return self.filter(step__run__project__in=reach(actor).projects())
