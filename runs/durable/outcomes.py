"""What an executor answers: how an attempt ended, or what the run has to wait for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from runs.artifacts.store import Content
from runs.durable.inputs import Resolved
from runs.records.failure import Failure


@dataclass(frozen=True)
class Outcome:
    """The end of one attempt at one node: an output, or a failure and the answer that was refused.

    A failure that is `final` is not tried again, whatever the node's retries; `retry_after` (seconds) is when
    the other side asked to be tried again. `prompts` is every prompt that was sent, `refused` every answer
    that was not accepted, in order.
    `consumed` runs in the transaction that commits the step.
    """

    kind: str
    inputs: Sequence[Resolved] = ()
    output: Content | None = None
    failure: Failure | None = None
    final: bool = False
    retry_after: float | None = None
    classification: str = "internal"
    function: str = ""
    chosen: str = ""
    prompts: Sequence[Content] = ()
    refused: Sequence[Content] = ()
    prompt_version: UUID | None = None
    model_version: UUID | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: Decimal | None = None
    priced: bool = True
    consumed: Callable[[UUID], None] | None = None

    def along(self, act: Callable[[UUID], None]) -> "Outcome":
        """The same, whose commit does this as well, after what it did already."""
        before = self.consumed

        def both(step: UUID) -> None:
            if before is not None:
                before(step)
            act(step)

        return replace(self, consumed=both)


@dataclass(frozen=True)
class Wait:
    """The node cannot go on yet. `what` is a `Run.WaitsFor`; the run wakes after `seconds`, or at `until`.

    Without either it waits until something comes. `begin` runs in the transaction in which the run falls
    asleep: what must stand when it does (a task for a person, the run's parts) is made there.
    """

    what: str
    seconds: float | None = None
    until: datetime | None = None
    begin: Callable[[], None] | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
