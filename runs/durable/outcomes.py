"""What an executor hands to the checkpoint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from runs.artifacts.store import Content
from runs.durable.inputs import Resolved
from runs.records.failure import Failure


@dataclass(frozen=True)
class Outcome:
    """The end of one attempt at one node: an output, or a failure and the answer that was refused."""

    kind: str
    inputs: Sequence[Resolved] = ()
    output: Content | None = None
    failure: Failure | None = None
    classification: str = "internal"
    function: str = ""
    chosen: str = ""
    prompt: Content | None = None
    refused: Content | None = None
    prompt_version: UUID | None = None
    model_version: UUID | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: Decimal | None = None
    priced: bool = True
