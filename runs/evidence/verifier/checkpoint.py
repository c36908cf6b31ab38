"""The checkpoint: which log, how large, under which root, signed by whom, seen by whom, continuing what."""

from governance.merkle.cosignature import cosigned
from governance.merkle.errors import (
    KeyUnknown,
    NoteMalformed,
    ProofInvalid,
    SignatureInvalid,
    SignedInFuture,
    Unproven,
)
from governance.merkle.keys import Key
from governance.merkle.note import Note, Signed
from governance.merkle.note import parse as parse_note
from governance.merkle.note import verify as verify_note
from governance.merkle.tree import verify_consistency
from runs.evidence.verifier.causes import Cause, Failed, Findings
from runs.evidence.verifier.envelope import decoded
from runs.evidence.verifier.policy import Policy
from runs.evidence.verifier.strict_json import member_of, read_strictly, texts_of

SAID_OF_NOTES = {
    NoteMalformed: Cause.CHECKPOINT_FORM,
    SignatureInvalid: Cause.CHECKPOINT_SIGNATURE,
    KeyUnknown: Cause.LOG_KEY_UNKNOWN,
}


def read_checkpoint(content: bytes, policy: Policy) -> Signed:
    """The note, of the policy's log. Raises `Failed`."""
    try:
        signed = parse_note(content)
    except NoteMalformed as problem:
        raise Failed(Cause.CHECKPOINT_FORM, f"The checkpoint is malformed: {problem}") from problem
    if signed.note.origin != policy.origin:
        raise Failed(
            Cause.OTHER_ORIGIN,
            f"The checkpoint is of the log {signed.note.origin}; the policy names {policy.origin}.",
        )
    return signed


def check_checkpoint(signed: Signed, policy: Policy, now: int, findings: Findings) -> dict[Key, int]:
    """Check all that the policy wants of it; the witnesses that saw it, and when."""
    findings.attempt(_check_signer, signed, policy)
    seen: dict[Key, int] | None = findings.attempt(_witnessed, signed, policy, now)
    return seen or {}


def check_continuity(note: Note, policy: Policy, consistency: bytes | None) -> None:
    """The checkpoint continues the one that the policy trusts, if it trusts one. Raises `Failed`."""
    if policy.trusted is None:
        return
    old = policy.trusted.note
    if note.size < old.size:
        raise Failed(
            Cause.FORK_OR_ROLLBACK,
            f"The checkpoint has {note.size:,} entries, the one that you trust {old.size:,}: it is older.",
        )
    if note.size == old.size:
        if note.root != old.root:
            raise Failed(
                Cause.FORK_OR_ROLLBACK,
                f"There are two logs with {note.size:,} entries: this checkpoint contradicts the one that "
                "you trust.",
            )
        return
    _check_continues(old, note, consistency)


def _check_continues(old: Note, note: Note, consistency: bytes | None) -> None:
    if consistency is None:
        raise Failed(
            Cause.CONSISTENCY,
            f"Nothing shows that it continues the checkpoint of {old.size:,} entries that you trust.",
        )
    what = "The consistency proof"
    value = read_strictly(consistency, what)
    proof = [decoded(text, what) for text in texts_of(value, "proof", what)]
    if member_of(value, "old", int, what) != old.size:
        raise Failed(Cause.CONSISTENCY, "The consistency proof begins at another checkpoint than you trust.")
    try:
        verify_consistency(old.size, note.size, old.root, note.root, proof)
    except ProofInvalid as problem:
        raise Failed(Cause.CONSISTENCY, f"The checkpoint does not continue yours: {problem}") from problem


def _check_signer(signed: Signed, policy: Policy) -> None:
    try:
        signers = verify_note(signed, [each.key for each in policy.keys])
    except Unproven as problem:
        raise Failed(SAID_OF_NOTES[type(problem)], str(problem)) from problem
    size = signed.note.size
    if not any(each.key in signers and each.in_force(size) for each in policy.keys):
        raise Failed(
            Cause.LOG_KEY_RANGE, f"The log's key was not in force when the log had {size:,} entries."
        )


def _witnessed(signed: Signed, policy: Policy, now: int) -> dict[Key, int]:
    try:
        seen = cosigned(signed, policy.witnesses, now)
    except SignedInFuture as problem:
        raise Failed(Cause.COSIGNED_IN_FUTURE, str(problem)) from problem
    except SignatureInvalid as problem:
        raise Failed(Cause.QUORUM, f"A witness's signature is wrong: {problem}") from problem
    if len(seen) < policy.quorum:
        raise Failed(
            Cause.QUORUM,
            f"{len(seen)} of the witnesses that you trust have signed; {policy.quorum} must have.",
        )
    return seen
