"""Making a bundle of evidence: gathered, proven, written, signed, and examined before it is handed out."""

import io
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.errors import DomainError, Invalid, WrongState
from governance.ledger.canonical import canonical, sha256_hex
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.merkle.errors import NoteMalformed
from governance.merkle.keys import to_base64
from governance.merkle.note import Note, parse
from governance.proof.cosigned import await_cosignature, cosigned_note, last_cosigned
from governance.proof.models import Checkpoint
from governance.proof.reading import consistency, inclusions, latest_checkpoint
from governance.proof.waiting import await_checkpoint
from runs.artifacts.classes import MASKED
from runs.evidence.bundle import lines_of, packed, sealed
from runs.evidence.gathering import Gathered, gather
from runs.evidence.materials import Material, materials_of
from runs.evidence.policy import policy_of
from runs.evidence.report import instructions, report_of
from runs.evidence.signing_key import NEVER_SIGNED, announce_key, known_as, signing_key
from runs.evidence.statement import Request, outputs_of, predicate_of, statement_of
from runs.evidence.subject import About, Subject
from runs.evidence.verifier.causes import Cause
from runs.evidence.verifier.contents import (
    CHECKPOINT_FILE,
    CONSISTENCY_FILE,
    CONTENTS_FOLDER,
    EVENTS_FILE,
    REDACTIONS_FILE,
    STATEMENT_FILE,
)
from runs.evidence.verifier.events import Logged
from runs.evidence.verifier.policy import read_policy
from runs.evidence.verifier.verdict import verify_bundle
from runs.reading.reasons import PURPOSES, purpose_among, reason_given


class NotSound(DomainError):
    """The records do not prove what the tables say: the bundle would not hold, so it is not handed out."""


@dataclass(frozen=True)
class Bundle:
    """A bundle as it is handed out."""

    content: bytes
    sha256: str
    filename: str
    events: int
    size: int
    contents: int
    left_out: int


def make_bundle(
    subject: Subject,
    *,
    actor: User,
    purpose: str,
    reason: str,
    reveal: Collection[str] = (),
    trusted: str = "",
) -> Bundle:
    """Everything about the subject that its log proves, as a signed zip file; that it was made is recorded.

    `reveal` names the classes of contents, beyond public and internal ones, to be in it. `trusted` is a
    checkpoint that the reader holds, which the bundle then shows to be continued. Nothing is returned before
    the record of it is committed. Raises `NotVisible`; `Invalid` without purpose or reason, or for too much;
    `WrongState` while the log's last checkpoint does not cover all of it; `NotSound`.
    """
    authorise(actor, Permission.VIEW, project=subject.project)
    why = purpose_among(PURPOSES, purpose, missing="Say what the bundle is for.")
    asked = Request(actor, why, reason_given(reason), timezone.now())
    _check_reveal(reveal, subject, actor)
    announce_key(subject.organisation, actor=actor)
    gathered = gather(subject, actor=actor)
    checkpoint, events = _proven(gathered, latest=bool(trusted.strip()))
    materials = materials_of(gathered, actor=actor, reveal=reveal)
    parts = _parts(gathered, materials, checkpoint, events, asked)
    if (note := _trusted(trusted, checkpoint)) is not None:
        parts[CONSISTENCY_FILE] = _continued(note, checkpoint)
    content = packed(parts)
    _check(content, subject)
    made = Bundle(
        content=content,
        sha256=sha256_hex(content),
        filename=f"evidence-{subject.kind}-{str(subject.id)[:13]}.zip",
        events=len(gathered.events),
        size=checkpoint.size,
        contents=sum(each.body is not None for each in materials),
        left_out=len({each.sha256 for each in materials if each.body is None}),
    )
    _tell(subject, asked, made, reveal)
    return made


@transaction.atomic(durable=True)
def _tell(subject: Subject, asked: Request, made: Bundle, reveal: Collection[str]) -> None:
    """Record that it leaves, by whom and what for, with the digest by which it can be known again."""
    kinds = {About.RELEASE: "release", About.PERIOD: "project"}
    about = (kinds[subject.kind], subject.id) if subject.run is None else ("run", subject.run.pk)
    record(
        Kind.EVIDENCE_EXPORTED,
        actor=asked.actor,
        organisation=subject.organisation.pk,
        about=about,
        run=subject.run.pk if subject.run else None,
        details={
            "of": subject.kind.value,
            "title": subject.title,
            "purpose": asked.purpose,
            "reason": asked.reason,
            "revealed": sorted(reveal),
            "sha256": made.sha256,
            "events": made.events,
            "contents": made.contents,
            "left_out": made.left_out,
        },
    )


def _proven(gathered: Gathered, *, latest: bool) -> tuple[Checkpoint, list[Logged]]:
    """The last checkpoint that a witness saw, or the last, and what shows that it covers each record.

    One that covers all is waited for, and then a witness, if there is none yet.
    """
    log, wanted = gathered.subject.organisation.pk, [event.pk for event in gathered.events]
    if not latest and (seen := last_cosigned(log)) is not None:
        with suppress(WrongState):
            return _included(seen, wanted)
    try:
        found = _included(latest_checkpoint(log), wanted)
    except WrongState:
        if not await_checkpoint(log):
            raise
        found = _included(latest_checkpoint(log), wanted)
    await_cosignature(found[0])
    return found


def _included(checkpoint: Checkpoint | None, wanted: list[UUID]) -> tuple[Checkpoint, list[Logged]]:
    if checkpoint is None:
        raise WrongState(NEVER_SIGNED)
    found = inclusions(wanted, checkpoint)
    return checkpoint, [Logged(each.position, each.record, tuple(each.proof)) for each in found]


def _parts(
    gathered: Gathered,
    materials: list[Material],
    checkpoint: Checkpoint,
    events: list[Logged],
    asked: Request,
) -> dict[str, bytes]:
    records = [event.record for event in events]
    predicate = predicate_of(gathered, materials, records, asked, settings.VERSION)
    parts = {
        "report.html": report_of(gathered, predicate, materials, checkpoint),
        "VERIFY.md": instructions(),
    }
    statement = statement_of({**predicate, "parts": _digests(parts)}, outputs_of(gathered))
    key = signing_key()
    parts |= {
        STATEMENT_FILE: sealed(statement, key, known_as(gathered.subject.organisation, key)),
        CHECKPOINT_FILE: cosigned_note(checkpoint),
        EVENTS_FILE: lines_of(events),
        **{f"{CONTENTS_FOLDER}{each.sha256}": each.body for each in materials if each.body is not None},
    }
    if left_out := {each.sha256: each.why_left_out for each in materials if each.body is None}:
        parts[REDACTIONS_FILE] = canonical(
            [{"sha256": digest, "reason": reason} for digest, reason in sorted(left_out.items())]
        )
    return parts


def _continued(trusted: Note, checkpoint: Checkpoint) -> bytes:
    proof = consistency(checkpoint.log, trusted.size, checkpoint.size)
    return canonical({"old": trusted.size, "proof": [to_base64(each) for each in proof]})


def _check(content: bytes, subject: Subject) -> None:
    """Examine it as a reader would, whoever saw its checkpoint. Raises `NotSound`."""
    policy = replace(read_policy(canonical(policy_of(subject.organisation))), quorum=0)
    verdict = verify_bundle(io.BytesIO(content), policy, int(time.time()))
    if verdict.findings.found:
        first = min(verdict.findings.found, key=lambda found: found.cause)
        if first.cause == Cause.LIMIT:
            raise Invalid(f"This is more than one bundle may hold: choose less of it. {first.said}")
        raise NotSound(
            f"The records do not prove what is told of this, so no bundle is made of it: {first.said}"
        )


def _digests(parts: Mapping[str, bytes]) -> dict[str, Any]:
    return {name: sha256_hex(content) for name, content in parts.items()}


def _check_reveal(reveal: Collection[str], subject: Subject, actor: User) -> None:
    if not set(reveal) <= set(MASKED):
        reason = f"Contents that can be asked for besides the others: {', '.join(MASKED)}."
        raise Invalid(reason, fields={"reveal": reason})
    if reveal:
        authorise(actor, Permission.REVEAL, project=subject.project)


def _trusted(text: str, checkpoint: Checkpoint) -> Note | None:
    """The checkpoint that the reader holds. Raises `Invalid` for what is none, or of another log."""
    if not text.strip():
        return None
    try:
        note = parse(text.strip().replace("\r\n", "\n").encode("utf-8", "replace") + b"\n").note
    except NoteMalformed as problem:
        reason = f"This is no checkpoint: {problem}"
        raise Invalid(reason, fields={"trusted": reason}) from problem
    if note.origin != parse(bytes(checkpoint.note)).note.origin or note.size > checkpoint.size:
        reason = "This is not an earlier checkpoint of this organisation's log."
        raise Invalid(reason, fields={"trusted": reason})
    return note
