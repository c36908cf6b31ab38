"""What a step reads: references resolved over the run's inputs and the recorded outputs. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from runs.durable.failures import MENDED_BY, StepFailed


@dataclass(frozen=True)
class Recorded:
    """The stored content of an input or of a step's output, as a value."""

    artifact: UUID | None
    value: Any
    classification: str


@dataclass(frozen=True)
class Resolved:
    """One parameter of a step: its value, and the artifact it came from (none: nothing was remembered)."""

    name: str
    source: str
    artifact: UUID | None
    value: Any
    classification: str


def resolve(references: Mapping[str, str], recorded: Mapping[str, Recorded]) -> list[Resolved]:
    """Each parameter with its value. Raises `StepFailed` naming the reference that leads nowhere."""
    return [_resolved(name, reference, recorded) for name, reference in sorted(references.items())]


def _resolved(name: str, reference: str, recorded: Mapping[str, Recorded]) -> Resolved:
    root, *path = reference.split(".")
    held = recorded.get(root)
    if held is None:
        raise _missing(name, reference, f"“{root}” has no recorded value")
    value = held.value
    for part in path:
        if not isinstance(value, dict) or part not in value:
            raise _missing(name, reference, f"it holds no “{part}”")
        value = value[part]
    return Resolved(name, reference, held.artifact, value, held.classification)


def _missing(name: str, reference: str, reason: str) -> StepFailed:
    return StepFailed(
        "missing_value",
        "A value that the step reads is not there",
        f"“{name}” reads “{reference}”, but {reason}. {MENDED_BY}",
        final=True,
    )
