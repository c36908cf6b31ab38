"""`manage.py ledger gaps`: whether a run or an event is missing between two checkpoints."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from governance.accounts.models import Organisation
from governance.errors import Invalid
from governance.management.ledger_verify import note_in, where
from governance.merkle.errors import Unproven
from governance.merkle.note import Note, parse
from governance.proof.completeness.report import LIMIT, Report, gaps
from governance.proof.completeness.spans import Span, span_of
from governance.proof.findings import Finding
from governance.proof.log_keys import log_named, names
from governance.proof.querysets import INSTALLATION
from governance.proof.sizes import signed_sizes, sizes
from governance.proof.verifying.checkpoints import outside


def ledger_gaps(options: dict[str, Any]) -> tuple[str, bool]:
    """What to print, and whether nothing is missing. Raises `Invalid` for what names no log or checkpoint."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    reports, beside = _reports(options)
    complete = not beside and all(report.complete for report in reports)
    if options["json"]:
        plain = {
            "complete": complete,
            "reports": [report.plain() for report in reports],
            "findings": [found.plain() for found in beside],
        }
        return json.dumps(plain), complete
    return "\n".join([*_said(reports), *_told(beside)]), complete


def _reports(options: dict[str, Any]) -> tuple[list[Report], list[Finding]]:
    """Of the logs asked about; and what is wrong with the notes that were handed in."""
    notes = [content for end in ("since", "until") if (content := _note(options[end]))]
    origins = {note.origin for _, note in notes}
    found = {log_of(named) for named in (*origins, options["log"]) if named}
    if len(found) > 1:
        raise Invalid("These are not checkpoints of one log.")
    log = found.pop() if found else None
    if log is None and (options["since"] or options["until"]):
        raise Invalid("Say by --log of which log these are checkpoints.")
    logs = [log] if log is not None else sorted({**signed_sizes(), **sizes()})
    since, until = (_size(options[end]) for end in ("since", "until"))
    spans = [span_of(each, since=since, until=until) for each in logs]
    return gaps(*spans), [found for content, _ in notes for found in outside(content)]


def _note(given: str | None) -> tuple[bytes, Note] | None:
    """The note in the file of this name, unless it is a size."""
    if given is None or given.isdecimal():
        return None
    content = note_in(Path(given))
    try:
        return content, parse(content).note
    except Unproven as problem:
        raise Invalid(f"{given} is neither a size nor a note: {problem}") from problem


def _size(given: str | None) -> int | None:
    if given is None or given.isdecimal():
        return None if given is None else int(given)
    found = _note(given)
    return found[1].size if found else None


def log_of(named: str) -> UUID:
    """By one of its names or its identifier, or its organisation's slug. Raises `Invalid`."""
    if named == "installation":
        return INSTALLATION
    if log := log_named(named):
        return log
    if organisation := Organisation.objects.filter(slug=named).first():
        return organisation.pk
    with suppress(ValueError):
        if UUID(named) in {**signed_sizes(), **sizes()}:
            return UUID(named)
    raise Invalid(f"There is no log {named}.")


def _said(reports: list[Report]) -> Iterator[str]:
    for report in reports:
        yield f"{report.span.origin}: {_stretch(report.span)}, {report.entries:,} entries"
        yield f"  {_numbers(report)}"
        for found in report.compared:
            yield f"  {found.what}: {found.rows:,} rows, {found.events:,} events"
        yield from (f"  {line}" for line in _told(report.findings))
        yield f"  {'Nothing is missing.' if report.complete else f'{len(report.findings)} findings.'}"
    yield LIMIT


def _stretch(span: Span) -> str:
    begin = f"from the checkpoint at {span.first:,} entries" if span.since else "from the first entry"
    if span.until is None:
        return f"{begin} to the last, at {span.end:,}; no checkpoint was signed yet"
    return f"{begin} to that at {span.end:,}, signed {span.until.at:%Y-%m-%d %H:%M:%S} UTC"


def _numbers(report: Report) -> str:
    parts = [f"{len(report.counted.sessions):,} sessions, {report.counted.events:,} numbered events"]
    if report.unnumbered:
        parts.append(f"{report.unnumbered:,} from before events were numbered")
    if report.counted.unresolved:
        parts.append(
            f"{report.counted.unresolved:,} sessions whose earlier events lie further back than was looked"
        )
    return "; ".join(parts)


def _told(findings: list[Finding]) -> Iterator[str]:
    origins = names()
    for found in findings:
        yield f"{found.code}{where(found, origins)}: {found.said}"
