"""What was paid for an answer that came too late."""

from typing import Self

from django.db import models
from django.db.models.functions import Now

from governance.access.gate import reach
from governance.accounts.models import User
from governance.catalog.models import Version
from governance.ledger.identity import uuid7
from governance.ledger.immutable import Immutable
from runs.records.models import Run


class DiscardedQuerySet(models.QuerySet["Discarded"]):
    """Questions about such answers."""

    def visible_to(self, actor: User) -> Self:
        """Those to the runs that the person may see."""
        return self.filter(run__project__in=reach(actor).projects())


class Discarded(Immutable):
    """An answer was discarded: whoever asked had lost the run by then. It cost all the same.

    Nothing of it enters the run but its tokens and its cost, which the run's sums count.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="discarded")
    node = models.CharField(max_length=60)
    position = models.PositiveIntegerField()
    attempt = models.PositiveIntegerField()
    epoch = models.PositiveIntegerField(help_text="Of the lease under which it was asked.")
    model_version = models.ForeignKey(
        Version, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    tokens_in = models.PositiveIntegerField(null=True)
    tokens_out = models.PositiveIntegerField(null=True)
    cost = models.DecimalField(max_digits=18, decimal_places=9, null=True)
    at = models.DateTimeField(db_default=Now())

    objects = DiscardedQuerySet.as_manager()

    class Meta:
        db_table = "runs_discarded"

    def __str__(self) -> str:
        return f"the answer to {self.node} of {self.run_id} that was discarded"
