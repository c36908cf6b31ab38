"""What every request for a run that is made from another one begins with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.catalog.models import Version
from governance.errors import WrongState
from governance.ledger.canonical import canonical, sha256_hex
from governance.ledger.text import storable
from runs.durable.start import USED_OTHERWISE, checked_key
from runs.lineage.removed import refuse_removed
from runs.records.models import Run

LONGEST_REASON = 1000
# What a person calls what is asked for.
VERBS = {Run.Origin.FORK: "fork", Run.Origin.REPLAY: "replay"}
DONE = {Run.Origin.FORK: "forked", Run.Origin.REPLAY: "replayed"}


@dataclass(frozen=True)
class Asked:
    """What was asked for, of which run, by whom and why; `digest` tells whether a key comes with the same."""

    source: Run
    origin: Run.Origin
    actor: User
    reason: str
    key: str | None
    digest: str

    def first(self) -> Run | None:
        """The run that has the key. Raises `WrongState` when it was asked for with something else."""
        if self.key is None:
            return None
        found = Run.objects.filter(project=self.source.project_id, idempotency_key=self.key).first()
        if found is not None and found.request_digest != self.digest:
            raise WrongState(USED_OTHERWISE)
        return found


def asked_of(
    run: Run, *, actor: User, origin: Run.Origin, reason: str, key: str | None, **chosen: Any
) -> Asked:
    """The request, checked as far as it does not depend on what is to be copied.

    Raises `NotVisible` or `NotAllowed` without "Start, resume and cancel runs", `Invalid` without a reason,
    `WrongState` for a run that is a part of another, or of which contents were removed.
    """
    run = Run.objects.select_related("project", "release", "version__asset", "environment").get(pk=run.pk)
    authorise(actor, Permission.OPERATE, project=run.project)
    verb = VERBS[origin]
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing=f"Say why you {verb} the run.")
    key = checked_key(key, origin=origin)
    if run.parent_id is not None:
        raise WrongState(f"This run is a part of another one: {verb} that one.")
    refuse_removed(run, what=DONE[origin])
    digest = sha256_hex(canonical([str(origin), str(run.pk), reason, chosen]))
    return Asked(run, origin, actor, reason, key, digest)


def identifiers(overrides: Mapping[str, Mapping[str, Version]]) -> dict[str, dict[str, str]]:
    """The versions by their identifiers."""
    return {
        node: {str(kind): str(version.pk) for kind, version in chosen.items()}
        for node, chosen in overrides.items()
    }
