"""How protected contents are, from least to most, and which of them are masked."""

from collections.abc import Iterable
from typing import Final

from runs.artifacts.models import Artifact

# A step's output is as protected as the most protected thing that it read.
RANKS: Final = {level: rank for rank, level in enumerate(Artifact.Classification.values)}
MASKED: Final = (Artifact.Classification.CONFIDENTIAL.value, Artifact.Classification.PERSONAL.value)


def most_protected(levels: Iterable[str]) -> str:
    """The most protected of these classifications; internal when there is none."""
    return max(levels, key=lambda level: RANKS[level], default=Artifact.Classification.INTERNAL.value)


def class_words(level: str) -> str:
    """A classification as people read it."""
    return str(Artifact.Classification(level).label)
