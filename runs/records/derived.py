"""A run that another one gives rise to: a part of it, a fork, a replay."""

from typing import Any

from governance.ledger.identity import uuid7
from runs.records.models import Run

# What such a run is stamped with as the one before it was, unless it has its own. A deadline is not among
# these: a part has its whole's, what begins anew has a new one.
INHERITED = (
    "organisation_id",
    "project_id",
    "workflow_id",
    "version_id",
    "release_id",
    "environment_id",
    "closure_digest",
    "approvals",
    "reference",
    "request_digest",
    "started_by_id",
    "started_by_name",
    "overrides",
    "priority",
    "memory_snapshot",
    "recalls_from_id",
)


def derived(run: Run, **own: Any) -> Run:
    """A new run, not saved yet: stamped as this one is, but for what is its own, by its columns."""
    return Run(**{"id": uuid7(), **{name: getattr(run, name) for name in INHERITED}, **own})
