"""`ledger verify`: every log from its first entry on."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

from django.db import connections

from governance.proof.catalogue import differences
from governance.proof.findings import Finding
from governance.proof.memory import remembered
from governance.proof.models import Checkpoint
from governance.proof.sizes import signed_sizes, sizes
from governance.proof.verifying.checkpoints import checkpoints, outside
from governance.proof.verifying.columns import columns
from governance.proof.verifying.cosignatures import cosignatures
from governance.proof.verifying.handing_over import restores, unproven
from governance.proof.verifying.levels import levels
from governance.proof.verifying.scanning import Scanned, Slice, scan, slices
from governance.proof.verifying.withheld import withheld


@dataclass(slots=True)
class Report:
    """What was looked at and how long hashing took; the findings, the first position first.

    A notice says what a reader should know of a ledger that holds.
    """

    logs: dict[UUID, int] = field(default_factory=dict)
    entries: int = 0
    checkpoints: int = 0
    hashing_seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    notices: list[Finding] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def verify_all(*, processes: int = 1, notes: Iterable[bytes] = (), state: Path | None = None) -> Report:
    """Derive everything anew. `notes` were kept outside; `state` is the folder of the signer's memory."""
    signed = signed_sizes()
    report = Report({**dict.fromkeys(signed, 0), **sizes()})  # with the logs whose entries are all gone
    _hash(report, processes)
    for log, size in report.logs.items():
        report.findings += levels(log, size)
        report.findings += unproven(log)
        report.notices += restores(log)
        report.findings += checkpoints(log, size, most=signed.get(log, 0))
        report.findings += cosignatures(log)
        report.findings += columns(log, 0, size, report.findings)
    report.findings += withheld()[0]
    report.notices += differences()
    for note in [*notes, *(_remembered(state) if state else ())]:
        report.findings += outside(note)
    report.findings.sort(key=lambda found: (str(found.log), found.position or 0))
    return report


def _hash(report: Report, processes: int) -> None:
    parts = [part for log, size in report.logs.items() for part in slices(log, 0, size)]
    began = time.monotonic()
    with _pool(processes) as scanned:
        for found in scanned(parts):
            report.entries += found.entries
            report.findings += found.findings
    report.hashing_seconds = time.monotonic() - began
    report.checkpoints = Checkpoint.objects.count()


@contextmanager
def _pool(processes: int) -> Iterator[Callable[[list[Slice]], Iterable[Scanned]]]:
    """What scans slices: here, or in processes of which each has a connection of its own."""
    if processes < 2:  # noqa: PLR2004 - one is this one
        yield lambda parts: map(scan, parts)
        return
    connections.close_all()  # none may be shared with a child
    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:
        yield lambda parts: pool.map(scan, parts)


def _remembered(state: Path) -> list[bytes]:
    return [found.content for found in remembered(state)]
