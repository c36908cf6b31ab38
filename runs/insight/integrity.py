"""What can be checked of a record at this moment: every digest is computed anew from the stored bytes."""

from dataclasses import dataclass

from governance.ledger.canonical import sha256_hex
from governance.ledger.models import Event
from runs.artifacts.models import Artifact
from runs.artifacts.opening import is_intact
from runs.artifacts.store import JSON, TEXT
from runs.records.models import Run

CLOSURE = "SHA-256 of its canonical JSON"


@dataclass(frozen=True)
class Check:
    """One comparison and its outcome. `of` says what the digest is computed of."""

    label: str
    holds: bool
    digest: str
    of: str


@dataclass(frozen=True)
class Integrity:
    """The checks of one output, and the run's entries in the ledger."""

    checks: tuple[Check, ...]
    entries: int
    damaged: int

    @property
    def holds(self) -> bool:
        """Whether every digest is what it should be."""
        return not self.damaged and all(check.holds for check in self.checks)


def examine(run: Run, output: Artifact | None) -> Integrity:
    """Compute the digests of the output, of the release and of the run's ledger entries anew."""
    release = run.release
    recomputed = sha256_hex(bytes(release.closure))
    checks = [Check("Release", recomputed == release.digest == run.closure_digest, release.digest, CLOSURE)]
    if output is not None and output.pruned_at is None:
        checks.insert(0, Check("Content", is_intact(output), output.sha256, _bytes_of(output)))
    events = list(Event.objects.of_run(run.pk).only("record", "leaf"))
    damaged = sum(not event.holds for event in events)
    return Integrity(checks=tuple(checks), entries=len(events), damaged=damaged)


def _bytes_of(output: Artifact) -> str:
    is_text = output.media_type in (TEXT, JSON)
    return "SHA-256 of the UTF-8 text" if is_text else "SHA-256 of the stored bytes"
