"""What a model version holds: which model, at which provider, with which parameters, and which weights."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from governance.errors import Invalid

MOST_PLACES = 6

# Fractions are kept as text, so that the digest of a version is exact.
Fraction = Annotated[Decimal, PlainSerializer(lambda value: format(value.normalize(), "f"), return_type=str)]


class Parameters(BaseModel):
    """The sampling parameters that the model is called with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    temperature: Fraction = Field(default=Decimal(0), ge=0, le=2)
    top_p: Fraction = Field(default=Decimal(1), gt=0, le=1)
    frequency_penalty: Fraction = Field(default=Decimal(0), ge=-2, le=2)
    max_tokens: int = Field(default=256, gt=0, le=100_000)
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)


class ModelContent(BaseModel):
    """The content of a model version. `provider` names an address that only the environment knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["model"] = "model"
    provider: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    model: str = Field(min_length=1, max_length=200)
    parameters: Parameters = Parameters()
    context_tokens: int = Field(default=8192, gt=0, le=10_000_000)
    weights_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    licence: str = Field(default="", max_length=200)

    def check(self) -> None:
        """Raises `Invalid` when a fraction of a draft is longer than six places.

        No part of the shape: a version that was stored with more must stay readable.
        """
        given = {name: value for name, value in self.parameters if isinstance(value, Decimal)}
        if long := [name for name, value in given.items() if round(value, MOST_PLACES) != value]:
            reason = f"Give it at most {MOST_PLACES} decimal places."
            raise Invalid(
                f"At most {MOST_PLACES} decimal places are kept of {', '.join(long)}.",
                fields={f"parameters.{name}": reason for name in long},
            )
