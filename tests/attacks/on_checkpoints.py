"""Attacks on the checkpoint: forks, rollbacks, keys, witnesses."""

import json

from governance.merkle.cosignature import cosign
from governance.merkle.note import Note, sign
from runs.evidence.verifier.causes import Cause
from tests.attacks.draft import Draft
from tests.attacks.story import (
    EARLIER,
    LOG,
    NOW,
    ORIGIN,
    RUN,
    SIZE,
    STRANGER,
    WITNESS,
    WITNESS_NAME,
    base64_of,
    record_of,
)
from tests.attacks.table import attack


@attack("fork signed by the log's key, without a witness", Cause.QUORUM)
def fork_unseen(draft: Draft) -> None:
    _fork(draft, EARLIER + 5)
    draft.checkpoint = draft.signed(SIZE, seen=None)


@attack("fork signed by the log's key, and by a witness", Cause.CONSISTENCY)
def fork_seen(draft: Draft) -> None:
    _fork(draft, EARLIER - 5)


@attack("fork of the very size that is trusted", Cause.FORK_OR_ROLLBACK)
def fork_same_size(draft: Draft) -> None:
    draft.policy["trusted"] = draft.signed(SIZE).decode()
    _fork(draft, EARLIER + 5)


@attack("rollback to an older valid checkpoint", Cause.FORK_OR_ROLLBACK)
def rollback(draft: Draft) -> None:
    draft.policy["trusted"] = draft.signed(SIZE).decode()
    draft.checkpoint = draft.signed(SIZE - 20)
    draft.prove([event.position for event in draft.events], SIZE - 20)


@attack("no proof that the trusted checkpoint is continued", Cause.CONSISTENCY)
def unshown(draft: Draft) -> None:
    del draft.parts["consistency.json"]


@attack("consistency proof flipped", Cause.CONSISTENCY)
def consistency_flipped(draft: Draft) -> None:
    value = json.loads(draft.parts["consistency.json"])
    value["proof"][0] = base64_of(b"\x00" * 32)
    draft.parts["consistency.json"] = json.dumps(value).encode()


@attack("checkpoint of another organisation's log", Cause.OTHER_ORIGIN)
def other_log(draft: Draft) -> None:
    note = draft.note(SIZE, origin="countersign.example/rival")
    draft.checkpoint = sign(LOG, note) + cosign(WITNESS, WITNESS_NAME, note, NOW - 60)


@attack("checkpoint's size changed", Cause.CHECKPOINT_SIGNATURE)
def size_changed(draft: Draft) -> None:
    draft.checkpoint = draft.checkpoint.replace(b"\n300\n", b"\n301\n")


@attack("checkpoint's size with a leading zero", Cause.CHECKPOINT_FORM)
def leading_zero(draft: Draft) -> None:
    draft.checkpoint = draft.checkpoint.replace(b"\n300\n", b"\n0300\n")


@attack("checkpoint with an extension line", Cause.CHECKPOINT_FORM)
def extension_line(draft: Draft) -> None:
    draft.checkpoint = draft.checkpoint.replace(b"\n\n", b"\nextension\n\n", 1)


@attack("checkpoint's signature flipped", Cause.CHECKPOINT_SIGNATURE)
def note_flipped(draft: Draft) -> None:
    other = sign(LOG, Note(ORIGIN, SIZE - 1, draft.note(SIZE).root)).split(b"\n\n", 1)[1]
    body, lines = draft.checkpoint.split(b"\n\n", 1)
    draft.checkpoint = body + b"\n\n" + other + lines.split(b"\n", 1)[1]


@attack("checkpoint signed by an unknown key", Cause.LOG_KEY_UNKNOWN)
def unknown_log_key(draft: Draft) -> None:
    draft.checkpoint = draft.signed(SIZE, key=STRANGER)


@attack("log key outside its range", Cause.LOG_KEY_RANGE)
def log_key_range(draft: Draft) -> None:
    draft.policy["keys"][0]["to"] = SIZE - 1


@attack("checkpoint swapped for another valid one", Cause.INCLUSION)
def checkpoint_swapped(draft: Draft) -> None:
    draft.checkpoint = draft.signed(SIZE - 10)
    draft.consist(EARLIER, SIZE - 10)


@attack("witness stripped", Cause.QUORUM)
def witness_stripped(draft: Draft) -> None:
    draft.checkpoint = draft.signed(SIZE, seen=None)


@attack("witness nobody trusts in place of the trusted one", Cause.QUORUM)
def witness_unknown(draft: Draft) -> None:
    note = draft.note(SIZE)
    draft.checkpoint = sign(LOG, note) + cosign(STRANGER, "witness.example/w2", note, NOW)


@attack("witness in the future", Cause.COSIGNED_IN_FUTURE)
def witness_in_future(draft: Draft) -> None:
    draft.checkpoint = draft.signed(SIZE, seen=NOW + 3600)


def _flipped(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:]


def _fork(draft: Draft, at: int) -> None:
    """Another history from a position on, signed like the first, and proven by itself."""
    draft.records[at] = record_of(at, "run.started", ("run", RUN[:-1] + "9"), None, forged=True)
    draft.checkpoint = draft.signed(SIZE)
    draft.prove([event.position for event in draft.events])
    draft.consist(EARLIER, SIZE)
