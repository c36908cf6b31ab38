"""Every note against the tree as it stands: its key, its root, and that the log has not shrunk below it."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from uuid import UUID

from governance.merkle.errors import ProofInvalid, Unproven
from governance.merkle.note import Note, Signed, parse, verify
from governance.merkle.tiles import TILE_WIDTH, Tile, Tiles, root
from governance.merkle.tree import HASH_BYTES
from governance.proof.findings import Finding
from governance.proof.log_keys import key_at, keys_of, name_of
from governance.proof.models import Checkpoint, LogKey
from governance.proof.stored_tiles import part_of, stored


def tiles_of(log: UUID) -> Tiles:
    """The log's tiles as they are stored now; nothing that an earlier reading kept."""

    @lru_cache(maxsize=64)
    def full(level: int, index: int) -> bytes | None:
        return stored(log, [Tile(level, index, TILE_WIDTH)]).get(Tile(level, index, TILE_WIDTH))

    def read(level: int, index: int, width: int, /) -> bytes:
        found = full(level, index)
        return part_of(log, Tile(level, index, width)) if found is None else found[: width * HASH_BYTES]

    return read


def checkpoints(log: UUID, size: int, *, above: int = 0, most: int | None = None) -> Iterator[Finding]:
    """What is wrong with the checkpoints over more than `above` entries (and `most`), the earliest first.

    Only the first whose root does not come out is told: all later ones contain the same place.
    """
    keys = keys_of(log)
    tiles, before = tiles_of(log), None
    asked = Checkpoint.objects.filter(log=log, size__gt=above)
    if most is not None:
        asked = asked.filter(size__lte=most)
    for found in asked.order_by("size").iterator():
        if problem := _signed(found, keys):
            yield problem
        if problem := _root(tiles, found, size, before):
            yield problem
            return
        before = found


def _signed(checkpoint: Checkpoint, keys: Sequence[LogKey]) -> Finding | None:
    log, size = checkpoint.log, checkpoint.size
    try:
        signed, key = parse(bytes(checkpoint.note)), key_at(keys, size)
        verify(signed, [key])
    except Unproven as problem:
        return Finding("signature", f"Signed at {size:,} entries: {problem}", log, size, at=checkpoint.at)
    if signed.note != Note(key.name, size, bytes(checkpoint.root)):
        said = f"The checkpoint at {size:,} entries says something else than its note."
        return Finding("checkpoint_altered", said, log, size, at=checkpoint.at)
    return None


def _root(tiles: Tiles, found: Checkpoint, size: int, before: Checkpoint | None) -> Finding | None:
    if found.size > size:
        said = f"{found.size:,} entries were signed; the log has {size:,}."
        return Finding("size_below_checkpoint", said, found.log, size, at=found.at)
    try:
        if root(tiles, found.size) == bytes(found.root):
            return None
    except ProofInvalid:
        pass  # said as where it lies
    first, since = (before.size, f", signed {before.at:%Y-%m-%d %H:%M:%S} UTC,") if before else (0, "")
    said = (
        f"The tree is not the one that was signed: it was changed between position {first:,}{since} "
        f"and {found.size:,}, signed {found.at:%Y-%m-%d %H:%M:%S} UTC."
    )
    return Finding("root_differs", said, found.log, first, at=found.at)


def outside(content: bytes) -> Iterator[Finding]:
    """A note that somebody kept outside, against the log of its origin."""
    try:
        signed = parse(content)
    except Unproven as problem:
        yield Finding("note_malformed", str(problem))
        return
    note = signed.note
    key = LogKey.objects.filter(vkey__startswith=f"{note.origin}+").first()
    if key is None:
        yield Finding("checkpoint_unknown", f"There is no log {note.origin} here.")
        return
    keys = keys_of(key.log)
    after = [found for found in keys if name_of(found) != note.origin and found.from_size > key.from_size]
    if after and note.size >= after[0].from_size:
        yield _lost(note, after[0])
    else:
        yield from _outside(signed, key.log, keys)


def _lost(note: Note, after: LogKey) -> Finding:
    said = (
        f"The note from outside is over {note.size:,} entries. Of those from {after.from_size - 1:,} on "
        f"nothing remains that was signed as {note.origin}: the database was restored, and the log went on "
        f"as {name_of(after)}."
    )
    return Finding("checkpoint_lost", said, after.log, after.from_size - 1, after.event, after.at)


def _outside(signed: Signed, log: UUID, keys: Sequence[LogKey]) -> Iterator[Finding]:
    note = signed.note
    try:
        verify(signed, [key_at(keys, note.size)])
    except Unproven as problem:
        yield Finding(
            "signature", f"The note from outside at {note.size:,} entries: {problem}", log, note.size
        )
    try:
        found = root(tiles_of(log), note.size)
    except ProofInvalid:
        said = f"The note from outside is over {note.size:,} entries, which the log does not have."
        yield Finding("checkpoint_unknown", said, log, note.size)
        return
    if found != note.root:
        said = f"The log's first {note.size:,} entries are not those that the note from outside signs."
        yield Finding("inconsistent", said, log, note.size)
