"""How much of the workers an organisation is due when several want them."""

from django.db import models
from django.db.models import Q

from governance.accounts.models import Organisation

HEAVIEST = 1000


class Weight(models.Model):
    """The organisation's weight beside those of others; one without a row weighs 1."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    weight = models.PositiveSmallIntegerField(default=1)

    class Meta:
        db_table = "runs_weight"
        ordering = ("organisation",)
        constraints = (
            models.CheckConstraint(
                condition=Q(weight__gte=1, weight__lte=HEAVIEST), name="weight_within_bounds"
            ),
        )

    def __str__(self) -> str:
        return f"{self.weight}"
