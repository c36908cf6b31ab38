"""The decisions that were stamped on a run when it started."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.dateparse import parse_datetime

from runs.records.models import Run

NO_ROLES: Final[Mapping[str, str]] = {}


@dataclass(frozen=True)
class Approval:
    """One person's approval: the printed name, the meaning and the time as they were recorded.

    `role` is what the person was then, empty where nobody asked for it or it was not recorded.
    """

    name: str
    meaning: str
    reason: str
    at: datetime | None
    digest: str
    role: str = ""


def approvals_of(run: Run, *, roles: Mapping[str, str] = NO_ROLES) -> list[Approval]:
    """Who approved the release of the run, read from the run alone, with these roles by person."""
    return [
        Approval(
            name=str(vote.get("name", "")),
            meaning=str(vote.get("meaning", "")),
            reason=str(vote.get("reason", "")),
            at=parse_datetime(str(vote.get("at", ""))),
            digest=str(vote.get("digest", "")),
            role=roles.get(str(vote.get("person")), ""),
        )
        for vote in run.approvals
        if vote.get("decision") == "approve"
    ]
