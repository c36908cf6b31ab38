"""The price of a model from a day on."""

from django.db import models

from governance.accounts.models import Organisation
from governance.ledger.identity import uuid7
from governance.ledger.immutable import Immutable


class Price(Immutable):
    """What a million tokens of a model cost an organisation from a moment until the next price begins."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="prices")
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=200)
    effective_from = models.DateTimeField()
    input_per_million = models.DecimalField(max_digits=12, decimal_places=6)
    output_per_million = models.DecimalField(max_digits=12, decimal_places=6)
    currency = models.CharField(max_length=3, default="EUR")
    basis = models.CharField(max_length=200, blank=True, help_text="Where the price comes from.")

    class Meta:
        db_table = "runs_price"
        ordering = ("provider", "model", "-effective_from")
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "provider", "model", "effective_from"], name="price_once_per_moment"
            ),
        )

    def __str__(self) -> str:
        return f"{self.provider}/{self.model} from {self.effective_from:%Y-%m-%d}"
