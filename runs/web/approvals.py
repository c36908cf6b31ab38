"""The decisions that were stamped on a run when it started."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.dateparse import parse_datetime

from runs.records.models import Run


@dataclass(frozen=True)
class Approval:
    """One person's approval: the printed name, the meaning and the time as they were recorded."""

    name: str
    meaning: str
    reason: str
    at: datetime | None
    digest: str


def approvals_of(run: Run) -> list[Approval]:
    """Who approved the release of the run, read from the run alone."""
    return [
        Approval(
            name=str(vote.get("name", "")),
            meaning=str(vote.get("meaning", "")),
            reason=str(vote.get("reason", "")),
            at=parse_datetime(str(vote.get("at", ""))),
            digest=str(vote.get("digest", "")),
        )
        for vote in run.approvals
        if vote.get("decision") == "approve"
    ]
