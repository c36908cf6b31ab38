"""What a verification finds: a word for programs, where, and a sentence for people."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from governance.errors import DomainError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold. `position`, `event` and `at` are those of the first entry concerned."""

    code: str
    said: str
    log: UUID | None = None
    position: int | None = None
    event: UUID | None = None
    at: datetime | None = None

    def plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        found = asdict(self)
        texts = {"log": self.log, "event": self.event, "at": self.at and self.at.isoformat()}
        return {**found, **{name: str(value) if value else None for name, value in texts.items()}}


class Altered(DomainError):
    """The rows do not say what they said: nothing is signed over them."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.said)
        self.finding = finding
