"""The signer: puts its name to a log's tree, if it is the one that it signed before and has only grown.

It trusts neither the database nor itself: what it signed last stands in a file of its own (`memory`), and
what has come since is hashed anew from the records.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from governance.accounts.models import User
from governance.errors import DomainError
from governance.ledger.identity import uuid7
from governance.ledger.services import details_bytes
from governance.merkle.errors import ProofInvalid, Unproven
from governance.merkle.keys import Key
from governance.merkle.note import Note, parse, sign, verify
from governance.proof.findings import Altered, Finding
from governance.proof.frontier import Frontier
from governance.proof.log_keys import first_name, key_at, keys_of, name_of, own_key, trusted
from governance.proof.memory import Memory, Remembered
from governance.proof.models import Checkpoint, Log, LogKey
from governance.proof.reading import position_of
from governance.proof.rehashing import rehashed
from governance.proof.sizes import size_of
from governance.proof.stored_tiles import frontier_of

ANNOUNCE: Final = "SELECT ledger_announce(%s, %s, %s)"
KEEP: Final = "SELECT ledger_sign(%s, %s, %s, %s, %s, %s, %s)"


class NotOurs(DomainError):
    """The log is signed by another key than this signer's."""


class Signed(NamedTuple):
    """A note that was signed and nobody has seen yet, with the tree's edge and the key."""

    log: UUID
    content: bytes
    edge: Frontier
    key: Key


class Signer:
    """Signs every log of an installation with one key, under origins that begin with `prefix`."""

    def __init__(self, key: Ed25519PrivateKey, memory: Memory, *, prefix: str) -> None:
        self._key = key
        self._memory = memory
        self._prefix = prefix
        self._edges: dict[UUID, Frontier] = {}
        self._keys: dict[UUID, Key] = {}
        self._left: dict[UUID, Altered | NotOurs] = {}

    def start(self) -> list[Finding]:
        """Make sure that the database still holds all that was signed; a note it never got is given to it.

        A log of which it does not, because it was set back, changed below the last note, or signed by another
        key meanwhile, is left out and every signature under it refused; the others are signed as before. The
        answer is what was found (`memory_ahead`).
        """
        remembered = {found.log: found for found in self._memory}
        own = set(Log.objects.values_list("pk", flat=True))
        self._left.clear()
        for log in remembered.keys() | own:
            try:
                if log in remembered:
                    self._edges[log] = still_there(remembered[log])
                if log in own:
                    self._agree(log)
            except (Altered, NotOurs) as problem:
                self._left[log] = problem
        return [problem.finding for problem in self._left.values() if isinstance(problem, Altered)]

    def sign(self, log: UUID) -> Checkpoint | None:
        """Sign the log as it stands; None when nothing has come since the last note.

        Raises `Altered` when the records, the tiles and what was signed before do not agree, and `NotOurs`.
        """
        made = self.signed(log, size_of(log))
        if made is None:
            return None
        self.remember([made])
        return self.store(made)

    def signed(self, log: UUID, size: int) -> Signed | None:
        """The log's note at this size, to be remembered and then stored; None and raises as `sign`."""
        if log in self._left:
            raise self._left[log].with_traceback(None)
        edge = self._edge(log)
        if size < edge.size:
            raise Altered(set_back(log, edge.size))
        key = None if size == edge.size else self._in_force(log, size)
        if key is None:
            return None
        edge = rehashed(log, edge, size)
        if edge.root() != _tiles_root(log, size):
            raise Altered(
                Finding("leaf_differs_from_tile", "The records are not those of the tree.", log, edge.size)
            )
        return Signed(log, sign(self._key, Note(key.name, size, edge.root())), edge, key)

    def remember(self, made: Sequence[Signed]) -> int:
        """Have the notes on the disk, in one write, before anybody sees one; how many. Raises `OSError`."""
        self._memory.keep({found.log: found.content for found in made})
        return len(made)

    def store(self, made: Signed) -> Checkpoint:
        """Give a remembered note to the database."""
        pk = _keep_row(made.log, made.content, made.key.key_id.hex())
        self._edges[made.log] = made.edge
        return Checkpoint.objects.get(pk=pk)

    def _edge(self, log: UUID) -> Frontier:
        """The edge of what was signed last; a note that was remembered and not stored is stored first."""
        known, edge = self._memory.of(log), self._edges.get(log, Frontier())
        if known is not None and known.note.size > edge.size:
            edge = self._edges[log] = still_there(known)
        return edge

    def _agree(self, log: UUID) -> None:
        """The log's last note in the database and the remembered one are the same, or are made so.

        Nothing goes on under a name that the memory does not know as the log's: whoever writes rows could
        have a log that was set back go on under another.
        """
        keys, ended = keys_of(log), self._memory.ended(log)
        gone = {found.note.origin for found in ended}
        last, remembered = Checkpoint.objects.of(log).first(), self._memory.of(log)
        size = remembered.note.size if remembered else 0
        if last is not None and last.size > size and parse(bytes(last.note)).note.origin not in gone:
            # This key signed it, or one for which it vouches, and the file is an older one: what was signed
            # once may be remembered.
            _check_ours(last, trusted(log, own_key(name_of(keys[-1]), self._key)) if keys else [])
            remembered = Remembered(log, bytes(last.note))
            self._edges[log] = still_there(remembered)
            self._memory.keep({log: remembered.content})
        name = name_of(keys[-1]) if keys else ""
        if name in gone:
            raise Altered(set_back(log, ended[-1].note.size))
        if remembered and remembered.note.origin != name:
            raise Altered(set_back(log, remembered.note.size))

    def _in_force(self, log: UUID, size: int) -> Key | None:
        """The key that signs the log at this size: this signer's. The first that signs it is told in it.

        None until the event by which it took over is among the entries. Raises `NotOurs`.
        """
        if log in self._keys:
            return self._keys[log]
        last = LogKey.objects.filter(log=log).order_by("-from_size").first()
        key = own_key(name_of(last) if last else first_name(log, self._prefix), self._key)
        if last is None:
            keeper, details = User.objects.system("keeper"), details_bytes({"vkey": key.vkey})
            with connection.cursor() as cursor:
                cursor.execute(ANNOUNCE, [log, keeper.pk, details])
        elif last.vkey != key.vkey:
            raise NotOurs(
                f"{key.name} is signed by another key from {last.from_size:,} entries on: give the keeper "
                "that one, or have that one hand over to this (`manage.py ledger rotate-key`)."
            )
        elif last.from_size and not _within(last.event, size):
            return None
        self._keys[log] = key
        return key


def still_there(found: Remembered) -> Frontier:
    """The edge of the tree that was signed, from the database; the note is inserted if it is not there.

    Raises `Altered` (`memory_ahead`).
    """
    note = found.note
    try:
        edge = frontier_of(found.log, note.size)
    except ProofInvalid:
        raise Altered(set_back(found.log, note.size)) from None
    if edge.root() != note.root:
        raise Altered(set_back(found.log, note.size))
    if not Checkpoint.objects.filter(log=found.log, size=note.size).exists():
        signed = parse(found.content).signatures[0]
        _keep_row(found.log, found.content, signed.key_id.hex())
    return edge


def set_back(log: UUID, size: int) -> Finding:
    """That a log does not hold what was signed of it."""
    said = f"The log was signed at {size:,} entries, which are no longer there as they were: it was set back."
    return Finding("memory_ahead", said, log, size)


def _within(event: UUID, size: int) -> bool:
    found = position_of(event)
    return found is not None and found.position < size


def _tiles_root(log: UUID, size: int) -> bytes:
    try:
        return frontier_of(log, size).root()
    except ProofInvalid as problem:
        raise Altered(Finding("tile_missing", str(problem), log, size)) from problem


def _check_ours(checkpoint: Checkpoint, keys: Sequence[LogKey]) -> None:
    try:
        verify(parse(bytes(checkpoint.note)), [key_at(keys, checkpoint.size)])
    except Unproven as problem:
        raise NotOurs(f"The log was signed at {checkpoint.size:,} entries by another key.") from problem


def _keep_row(log: UUID, content: bytes, key_id: str) -> UUID:
    note, pk = parse(content).note, uuid7()
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [pk, log, note.origin, note.size, note.root, content, key_id])
    return pk
