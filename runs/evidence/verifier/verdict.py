"""Going over a bundle from its zip to what it tells, and saying what came of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, BinaryIO

from governance.merkle.keys import Key
from governance.merkle.note import Note
from governance.merkle.tree import HASH_BYTES
from runs.evidence.verifier.causes import MEANINGS, Cause, Failed, Findings
from runs.evidence.verifier.checkpoint import check_checkpoint, check_continuity, read_checkpoint
from runs.evidence.verifier.claims import check_belonging, check_claims
from runs.evidence.verifier.contents import (
    ALWAYS_THERE,
    CHECKPOINT_FILE,
    CONSISTENCY_FILE,
    EVENTS_FILE,
    STATEMENT_FILE,
    check_contents,
    check_outputs,
)
from runs.evidence.verifier.disclosures import check_disclosures
from runs.evidence.verifier.envelope import check_statement_type, open_envelope
from runs.evidence.verifier.events import Logged, check_events, read_events, read_record
from runs.evidence.verifier.limits import LARGEST_JSON
from runs.evidence.verifier.policy import Policy, Ranged
from runs.evidence.verifier.relations import check_identifiers, check_relations
from runs.evidence.verifier.strict_json import member_of
from runs.evidence.verifier.zip_reading import Bundle


@dataclass
class Verdict:
    """What was found, and what the bundle says of itself where that much could be read."""

    findings: Findings = field(default_factory=Findings)
    about: str = ""
    made: str = ""
    events: int = 0
    note: Note | None = None
    witnesses: Mapping[Key, int] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    disclosed: int = 0

    @property
    def cause(self) -> Cause:
        """Why it does not hold: the first of the causes in their order. `HOLDS` when nothing was found."""
        return min((found.cause for found in self.findings.found), default=Cause.HOLDS)


def verify_bundle(file: BinaryIO, policy: Policy, now: int) -> Verdict:
    """Examine a bundle under the reader's policy, at this time (seconds since 1970). Raises nothing."""
    verdict = Verdict()
    try:
        bundle = Bundle(file)
        for name in ALWAYS_THERE:
            if name not in bundle.members:
                raise Failed(Cause.PARTS, f"The bundle has no {name}.")
        _examine(bundle, policy, now, verdict)
    except Failed as problem:
        verdict.findings.add(problem.cause, problem.said)
    except MemoryError:
        verdict.findings.add(Cause.LIMIT, "The bundle needs more memory than there is.")
    return verdict


def _examine(bundle: Bundle, policy: Policy, now: int, verdict: Verdict) -> None:
    findings = verdict.findings
    verdict.note = findings.attempt(_note, bundle, policy, now, verdict)
    envelope = bundle.read(STATEMENT_FILE, 2 * LARGEST_JSON)
    opened: tuple[Any, Ranged | None] | None = findings.attempt(open_envelope, envelope, policy, findings)
    events: list[Logged] | None = findings.attempt(lambda: read_events(bundle.read(EVENTS_FILE)))
    if opened is None:
        return
    statement, signer = opened
    findings.attempt(check_statement_type, statement)
    if signer and verdict.note and not signer.in_force(verdict.note.size):
        findings.add(Cause.SIGNER_RANGE, "The statement's key was not in force at the checkpoint's size.")
    findings.attempt(_describe, statement, verdict)
    verdict.left_out = findings.attempt(check_contents, bundle, statement, findings) or {}
    if events is not None:
        verdict.events = len(events)
        findings.attempt(_examine_events, bundle, statement, events, verdict)


def _note(bundle: Bundle, policy: Policy, now: int, verdict: Verdict) -> Note:
    signed = read_checkpoint(bundle.read(CHECKPOINT_FILE), policy)
    verdict.witnesses = check_checkpoint(signed, policy, now, verdict.findings)
    consistency = bundle.read(CONSISTENCY_FILE) if CONSISTENCY_FILE in bundle.members else None
    verdict.findings.attempt(check_continuity, signed.note, policy, consistency)
    return signed.note


def _examine_events(bundle: Bundle, statement: Any, events: Sequence[Logged], verdict: Verdict) -> None:
    findings = verdict.findings
    predicate = member_of(statement, "predicate", dict, "The statement")
    stated = member_of(predicate, "events", dict, "The statement")
    findings.attempt(check_events, events, stated, verdict.note, findings)
    inner = any(found.cause == Cause.INNER_NODE for found in findings.found)
    records: list[dict[str, Any]] = []
    for event in events:
        if inner and len(event.record) == 2 * HASH_BYTES:
            continue
        record = findings.attempt(read_record, event.record)
        if record is not None:
            records.append(record)
    by_identifier = {record["id"]: record for record in records}
    findings.attempt(check_belonging, predicate, records, findings)
    findings.attempt(check_outputs, statement, records)
    findings.attempt(check_identifiers, predicate)
    findings.attempt(check_relations, predicate, records)
    findings.attempt(check_claims, predicate, records, bundle, findings)
    found = findings.attempt(check_disclosures, bundle, predicate, by_identifier, findings)
    verdict.disclosed = found or 0


def _describe(statement: Any, verdict: Verdict) -> None:
    predicate = member_of(statement, "predicate", dict, "The statement")
    about = member_of(predicate, "about", dict, "The statement")
    made = member_of(predicate, "made", dict, "The statement")
    verdict.about = member_of(about, "title", str, "What it is about")
    at, by = member_of(made, "at", str, "How it was made"), member_of(made, "by_name", str, "How it was made")
    verdict.made = f"{at} by {by}"


def in_words(verdict: Verdict) -> str:
    """The verdict as a person reads it; what the bundle says is shown without control characters."""
    lines = [f"HOLDS: {MEANINGS[Cause.HOLDS]}."] if not verdict.findings.found else _failures(verdict)
    if verdict.about:
        lines += [f"About:       {_plain(verdict.about)}", f"Made:        {_plain(verdict.made)}"]
    lines.append(f"Records:     {verdict.events:,}")
    if verdict.note is not None:
        lines.append(f"Checkpoint:  {verdict.note.origin}, {verdict.note.size:,} entries")
    for witness, at in verdict.witnesses.items():
        lines.append(f"Witness:     {witness.name}, {_time(at)}")
    for digest, reason in verdict.left_out.items():
        lines.append(f"Left out:    {digest} ({_plain(reason)})")
    return "\n".join(lines) + "\n"


def as_json(verdict: Verdict) -> str:
    """The verdict for machines, with every finding."""
    found = [
        {"code": int(each.cause), "cause": each.cause.name, "said": each.said}
        for each in verdict.findings.found
    ]
    return json.dumps(
        {
            "holds": not found,
            "code": int(verdict.cause),
            "findings": found,
            "about": verdict.about,
            "events": verdict.events,
            "size": verdict.note.size if verdict.note else None,
            "witnesses": {witness.name: at for witness, at in verdict.witnesses.items()},
            "left_out": dict(verdict.left_out),
            "disclosed": verdict.disclosed,
        }
    )


def _failures(verdict: Verdict) -> list[str]:
    found = sorted(verdict.findings.found, key=lambda each: each.cause)
    first = f"DOES NOT HOLD ({int(verdict.cause)}): {MEANINGS[verdict.cause]}."
    return [first, *(f"  [{int(each.cause)}] {_plain(each.said)}" for each in found)]


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:400])


def _time(at: int) -> str:
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%d %B %Y, %H:%M UTC")
    except (OverflowError, OSError, ValueError):
        return f"{at} seconds after 1970"
