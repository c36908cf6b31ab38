"""Reading signals, always through a person's reach: they inherit from their run's project."""

from typing import TYPE_CHECKING, Self

from django.db import models

from governance.access.gate import reach
from governance.accounts.models import User

if TYPE_CHECKING:
    from runs.signals.models import Signal


class SignalQuerySet(models.QuerySet["Signal"]):
    """Questions about signals."""

    def visible_to(self, actor: User) -> Self:
        """Signals to the runs the person may see."""
        return self.filter(run__project__in=reach(actor).projects())

    def kept(self) -> Self:
        """Signals that no step has taken yet."""
        return self.filter(taking=None)

    def with_names(self) -> Self:
        """With what a list shows of each, in the same query, and without the contents."""
        return self.select_related("payload", "taking__step").defer("payload__inline")
