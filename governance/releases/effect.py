"""Which time in effect of a release a moment falls into."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from governance.prepared import rows
from governance.releases.models import Release

EFFECT_AT: Final = (Path(__file__).parent / "sql" / "effect_at.sql").read_bytes()


@dataclass(frozen=True)
class Effect:
    """A time in effect: since when, and what ended it; `ended_at` is None while nothing has.

    `again_at` is when the same release was next put into effect, `again_until` when that ended; None of each
    where it did not happen.
    """

    begun_at: datetime
    ended_at: datetime | None
    ended_kind: str
    ended_reason: str
    ended_by: str
    ended_number: int | None
    again_at: datetime | None
    again_until: datetime | None
    again_by: str
    again_reason: str


def effect_at(release: Release, moment: datetime) -> Effect | None:
    """The time in effect that the moment falls into; None where it falls into none."""
    asked = {
        "release": release.pk,
        "workflow": release.workflow_id,
        "environment": release.environment_id,
        "moment": moment,
    }
    found = rows(EFFECT_AT, asked)
    return Effect(*found[0]) if found else None
