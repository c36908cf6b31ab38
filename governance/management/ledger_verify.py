"""`manage.py ledger verify`: everything derived anew, the first bad entry named."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from governance.errors import Invalid
from governance.management.ledger_keep import state_folder
from governance.merkle.note import LARGEST_NOTE
from governance.proof.findings import Finding
from governance.proof.log_keys import names
from governance.proof.querysets import INSTALLATION
from governance.proof.verifying.whole import Report, verify_all


def verify_ledger(options: dict[str, Any]) -> tuple[str, bool]:
    """What to print, and whether the ledger holds. Raises `Invalid` for a note that cannot be read."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    notes = [note_in(Path(path)) for path in options["notes"] or ()]
    state = state_folder()
    report = verify_all(processes=options["processes"], notes=notes, state=state if state.is_dir() else None)
    text = json.dumps(_plain(report)) if options["json"] else "\n".join(_lines(report))
    return text, report.holds


def note_in(path: Path) -> bytes:
    """What the file holds, as far as a note goes. Raises `Invalid`."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_NOTE + 1)
    except OSError as problem:
        raise Invalid(f"The note cannot be read: {problem}") from problem


def _plain(report: Report) -> dict[str, Any]:
    return {
        "holds": report.holds,
        "entries": report.entries,
        "checkpoints": report.checkpoints,
        "logs": {str(log): size for log, size in report.logs.items()},
        "hashed_per_s": _rate(report),
        "findings": [found.plain() for found in report.findings],
        "notices": [found.plain() for found in report.notices],
    }


def _rate(report: Report) -> int:
    return round(report.entries / report.hashing_seconds) if report.hashing_seconds else 0


def _lines(report: Report) -> Iterator[str]:
    origins = names()
    for log, size in report.logs.items():
        yield f"{_name(log, origins)}: {size:,} entries"
    for found in report.notices:
        yield f"Notice, {found.code}{where(found, origins)}: {found.said}"
    for found in report.findings:
        yield f"{found.code}{where(found, origins)}: {found.said}"
    scope = f"{report.entries:,} entries of {len(report.logs)} logs and {report.checkpoints:,} checkpoints"
    if report.holds:
        yield f"The ledger holds: {scope}, hashed at {_rate(report):,} a second."
    else:
        yield f"The ledger does not hold: {len(report.findings)} findings in {scope}."


def where(found: Finding, origins: dict[UUID, str]) -> str:
    """Where and when, in brackets; the logs by their names."""
    parts = [
        f"position {found.position:,}" if found.position is not None else "",
        f"of {_name(found.log, origins)}" if found.log else "",
        f"event {found.event}" if found.event else "",
        f"{found.at:%Y-%m-%d %H:%M:%S} UTC" if found.at else "",
    ]
    told = ", ".join(part for part in parts if part)
    return f" ({told})" if told else ""


def _name(log: UUID, origins: dict[UUID, str]) -> str:
    return origins.get(log) or ("the installation's log" if log == INSTALLATION else f"log {log}")
