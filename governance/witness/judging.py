"""The witness: cosigns a note when a trusted log signed it and it continues the last one that was cosigned.

The protocol is C2SP's (https://c2sp.org/tlog-witness); refusals are told by HTTP's status, in its order.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from governance.merkle.asking import Asked, read_asked
from governance.merkle.cosignature import cosign
from governance.merkle.errors import NoteMalformed, ProofInvalid, Unproven
from governance.merkle.keys import COSIGNATURE, ED25519, Key, key_of
from governance.merkle.note import Note, verify
from governance.merkle.tree import EMPTY_ROOT, verify_consistency
from governance.witness.remembering import Seen

MOST_LOGS: Final = 10_000
PLAIN: Final = "text/plain; charset=utf-8"
SIZE: Final = "text/x.tlog.size"


class Answer(NamedTuple):
    """A status of HTTP, and what stands below it."""

    status: int
    body: bytes
    content_type: str = PLAIN


class Refused(Exception):
    """The note is not cosigned; `answer` says why."""

    def __init__(self, status: int, said: str, content_type: str = PLAIN) -> None:
        super().__init__(said)
        self.answer = Answer(status, f"{said}\n".encode(), content_type)


@dataclass(frozen=True, slots=True)
class Trusted:
    """The logs that are cosigned: those of the keys, and every log below the names of the installations.

    An installation's key signs the log of its own name, and those whose names continue it after a slash.
    """

    logs: Sequence[Key]
    installations: Sequence[Key] = ()

    def keys(self, origin: str) -> list[Key]:
        """The keys that may sign the log of this name; none for a log that nobody named."""
        below = [key for key in self.installations if origin == key.name or origin.startswith(f"{key.name}/")]
        own = [key for key in self.logs if key.name == origin]
        return own + [key_of(origin, key.public) for key in below]


class Witness:
    """Cosigns under one name with one key. Safe to ask from several threads."""

    def __init__(
        self,
        key: Ed25519PrivateKey,
        name: str,
        *,
        trusted: Trusted,
        seen: Seen,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._key = key
        self._name = name
        self._trusted = trusted
        self._seen = seen
        self._clock = clock
        self._one_at_a_time = threading.Lock()

    @property
    def vkey(self) -> str:
        """The verifier key of its cosignatures, for the log's keeper and for readers."""
        return witness_key(self._key, self._name).vkey

    def answer(self, body: bytes) -> Answer:
        """The cosignature over the note of this request, or why there is none. Raises `OSError` only."""
        try:
            asked = read_asked(body)
            self._check_signed(asked)
            with self._one_at_a_time:
                self._check_continued(asked)
                self._seen.keep(asked.content)
                line = cosign(self._key, self._name, asked.signed.note, int(self._clock()))
        except NoteMalformed as problem:
            return Refused(400, str(problem)).answer
        except Refused as problem:
            return problem.answer
        return Answer(200, line)

    def _check_signed(self, asked: Asked) -> None:
        note = asked.signed.note
        if not (keys := self._trusted.keys(note.origin)):
            raise Refused(404, "This witness does not know the log.")
        try:
            verify(asked.signed, keys)
        except Unproven as problem:
            raise Refused(403, str(problem)) from problem
        if asked.old > note.size:
            raise Refused(400, f"The log of {note.size} entries cannot continue one of {asked.old}.")

    def _check_continued(self, asked: Asked) -> None:
        note = asked.signed.note
        known = self._seen.of(note.origin)
        if known is None and len(self._seen) >= MOST_LOGS:
            raise Refused(404, "This witness has no room for another log.")
        last = known or Note(note.origin, 0, EMPTY_ROOT)
        if asked.old != last.size or (note.size == last.size and note.root != last.root):
            raise Refused(409, str(last.size), SIZE)
        try:
            verify_consistency(last.size, note.size, last.root, note.root, asked.proof)
        except ProofInvalid as problem:
            raise Refused(422, str(problem)) from problem


def witness_key(key: Ed25519PrivateKey, name: str) -> Key:
    """The public key of a witness's cosignatures. Raises `NoteMalformed` for a name that it cannot have."""
    return key_of(name, key.public_key().public_bytes_raw(), kind=COSIGNATURE)


def log_key(key: Key) -> Key:
    """The key, if it is a log's. Raises `NoteMalformed`."""
    if key.kind != ED25519:
        raise NoteMalformed(f"The key of {key.name} is a witness's, not a log's.")
    return key
