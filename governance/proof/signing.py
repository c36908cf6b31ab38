"""The signer: puts its name to a log's tree, if it is the one that it signed before and has only grown.

It trusts neither the database nor itself: what it signed last stands in a file of its own (`memory`), and
what has come since is hashed anew from the records.
"""

from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from governance.accounts.models import Organisation, User
from governance.errors import DomainError
from governance.ledger.identity import uuid7
from governance.ledger.services import details_bytes
from governance.merkle.errors import ProofInvalid, Unproven
from governance.merkle.keys import Key, key_of
from governance.merkle.note import Note, parse, sign, verify
from governance.proof.findings import Altered, Finding
from governance.proof.frontier import Frontier
from governance.proof.memory import Memory, Remembered
from governance.proof.models import Checkpoint, Log, LogKey
from governance.proof.querysets import INSTALLATION
from governance.proof.rehashing import rehashed
from governance.proof.sizes import size_of
from governance.proof.stored_tiles import frontier_of

ANNOUNCE: Final = "SELECT ledger_announce(%s, %s, %s)"
KEEP: Final = "SELECT ledger_sign(%s, %s, %s, %s, %s, %s, %s)"


class NotOurs(DomainError):
    """The log was signed by another key than this signer's, which nobody has announced."""


class Signer:
    """Signs every log of an installation with one key, under origins that begin with `prefix`."""

    def __init__(self, key: Ed25519PrivateKey, memory: Memory, *, prefix: str) -> None:
        self._key = key
        self._memory = memory
        self._prefix = prefix
        self._edges: dict[UUID, Frontier] = {}
        self._announced: set[UUID] = set()
        self._left: dict[UUID, Altered | NotOurs] = {}

    def start(self) -> list[Finding]:
        """Make sure that the database still holds all that was signed; a note it never got is given to it.

        A log of which it does not, because it was set back, changed below the last note, or signed by another
        key meanwhile, is left out and every signature under it refused; the others are signed as before. The
        answer is what was found (`memory_ahead`).
        """
        remembered = {found.log: found for found in self._memory}
        own = {log.pk: log for log in Log.objects.all()}
        self._left.clear()
        for log in remembered.keys() | own.keys():
            try:
                if log in remembered:
                    self._edges[log] = _still_there(remembered[log])
                if log in own:
                    self._agree(own[log])
            except (Altered, NotOurs) as problem:
                self._left[log] = problem
        return [problem.finding for problem in self._left.values() if isinstance(problem, Altered)]

    def sign(self, log: UUID) -> Checkpoint | None:
        """Sign the log as it stands; None when nothing has come since the last note.

        Raises `Altered` when the records, the tiles and what was signed before do not agree, and `NotOurs`.
        """
        if log in self._left:
            raise self._left[log].with_traceback(None)
        size, edge = size_of(log), self._edge(log)
        if size < edge.size:
            raise Altered(_set_back(log, edge.size))
        if size == edge.size:
            return None
        key = key_of(self._origin(log), self._key.public_key().public_bytes_raw())
        self._announce(log, key)
        edge = rehashed(log, edge, size)
        if edge.root() != _tiles_root(log, size):
            raise Altered(
                Finding("leaf_differs_from_tile", "The records are not those of the tree.", log, edge.size)
            )
        content = sign(self._key, Note(key.name, size, edge.root()))
        self._memory.keep(log, content)  # before anybody sees it
        made = _kept(log, content, key)
        self._edges[log] = edge
        return made

    def _edge(self, log: UUID) -> Frontier:
        """The edge of what was signed last; a note that was remembered and not stored is stored first."""
        known, edge = self._memory.of(log), self._edges.get(log, Frontier())
        if known is not None and known.note.size > edge.size:
            edge = self._edges[log] = _still_there(known)
        return edge

    def _agree(self, log: Log) -> None:
        """The log's last note in the database and the remembered one are the same, or are made so."""
        own = key_of(log.origin, self._key.public_key().public_bytes_raw())
        last, remembered = Checkpoint.objects.of(log.pk).first(), self._memory.of(log.pk)
        size = remembered.note.size if remembered else 0
        if last is not None and last.size > size:
            # This key signed it, and the file is an older one: what it signed once, it may remember.
            _check_ours(last, own)
            found = Remembered(log.pk, bytes(last.note))
            self._edges[log.pk] = _still_there(found)
            self._memory.keep(log.pk, found.content)

    def _announce(self, log: UUID, key: Key) -> None:
        """The log's key is this one; the first that signs a log is told in it. Raises `NotOurs`."""
        if log in self._announced:
            return
        last = LogKey.objects.filter(log=log).order_by("-from_size").first()
        if last is not None and last.vkey != key.vkey:
            raise NotOurs(f"{key.name} is signed by another key than the keeper has: give it that one.")
        if last is None:
            keeper, details = User.objects.system("keeper"), details_bytes({"vkey": key.vkey})
            with connection.cursor() as cursor:
                cursor.execute(ANNOUNCE, [log, keeper.pk, details])
        self._announced.add(log)

    def _origin(self, log: UUID) -> str:
        known = Log.objects.filter(pk=log).values_list("origin", flat=True).first()
        return known or origin_of(log, self._prefix)


def origin_of(log: UUID, prefix: str) -> str:
    """The name that a log gets with its first note."""
    if log == INSTALLATION:
        return prefix
    slug = Organisation.objects.filter(pk=log).values_list("slug", flat=True).first()
    return f"{prefix}/{slug or log}"


def _still_there(found: Remembered) -> Frontier:
    """The edge of the tree that was signed, from the database; the note is inserted if it is not there."""
    note = found.note
    try:
        edge = frontier_of(found.log, note.size)
    except ProofInvalid:
        raise Altered(_set_back(found.log, note.size)) from None
    if edge.root() != note.root:
        raise Altered(_set_back(found.log, note.size))
    if not Checkpoint.objects.filter(log=found.log, size=note.size).exists():
        signed = parse(found.content).signatures[0]
        _keep_row(found.log, found.content, signed.key_id.hex())
    return edge


def _set_back(log: UUID, size: int) -> Finding:
    said = f"The log was signed at {size:,} entries, which are no longer there as they were: it was set back."
    return Finding("memory_ahead", said, log, size)


def _tiles_root(log: UUID, size: int) -> bytes:
    try:
        return frontier_of(log, size).root()
    except ProofInvalid as problem:
        raise Altered(Finding("tile_missing", str(problem), log, size)) from problem


def _check_ours(checkpoint: Checkpoint, own: Key) -> None:
    try:
        verify(parse(bytes(checkpoint.note)), [own])
    except Unproven as problem:
        raise NotOurs(f"{own.name} was signed at {checkpoint.size:,} entries, not by this key.") from problem


def _kept(log: UUID, content: bytes, key: Key) -> Checkpoint:
    return Checkpoint.objects.get(pk=_keep_row(log, content, key.key_id.hex()))


def _keep_row(log: UUID, content: bytes, key_id: str) -> UUID:
    note, pk = parse(content).note, uuid7()
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [pk, log, note.origin, note.size, note.root, content, key_id])
    return pk
