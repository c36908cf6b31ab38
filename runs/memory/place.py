"""Where a value is remembered."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Place:
    """A key within a namespace of what a project remembers in an environment."""

    organisation: UUID
    project: UUID
    environment: UUID
    namespace: str
    key: str
