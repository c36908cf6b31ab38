"""Entries against their records, leaves and tiles: 256 at a time; only a bad tile is read row by row."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from struct import Struct
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from governance.merkle.tiles import TILE_WIDTH
from governance.merkle.tree import HASH_BYTES, LEAF_PREFIX, leaf_hash, tile_root
from governance.proof.findings import Finding
from governance.proof.rehashing import RECORDS, missing

SLICE: Final = TILE_WIDTH * TILE_WIDTH
MOST_FINDINGS: Final = 20  # of one slice: whoever altered more is found all the same
LENGTH: Final = Struct(">I")
BUNDLES: Final = """
    COPY (
        SELECT b.tile, b.records, b.leaves, t.hashes, t.root FROM (
            SELECT p.position >> 8 AS tile, string_agg(e.leaf, '' ORDER BY p.position) AS leaves,
                   string_agg(int4send(octet_length(e.record)) || e.record, '' ORDER BY p.position) AS records
            FROM ledger_entry p LEFT JOIN ledger_event e ON e.id = p.event
            WHERE p.log = %s AND p.position >= %s AND p.position < %s GROUP BY 1
        ) AS b LEFT JOIN ledger_tile t ON t.log = %s AND t.level = 0 AND t.index = b.tile ORDER BY 1
    ) TO STDOUT (FORMAT BINARY)
"""
# Of a slice at a time, in memory; by index, or each slice would read every event there is.
SETTINGS: Final = """
    SET LOCAL work_mem = '96MB'; SET LOCAL enable_incremental_sort = off; SET LOCAL jit = off;
    SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
    SET LOCAL statement_timeout = 0
"""


@dataclass(frozen=True, slots=True)
class Slice:
    """Some entries of a log, from `first` up to and without `end`; `first` is where a tile begins."""

    log: UUID
    first: int
    end: int


@dataclass(slots=True)
class Scanned:
    """What was looked at, and what was found."""

    entries: int = 0
    findings: list[Finding] = field(default_factory=list)


def slices(log: UUID, first: int, end: int) -> Iterator[Slice]:
    """The range in slices of 65,536 entries, aligned."""
    at = first // TILE_WIDTH * TILE_WIDTH
    while at < end:
        until = min((at // SLICE + 1) * SLICE, end)
        yield Slice(log, at, until)
        at = until


def scan(part: Slice) -> Scanned:
    """Hash every record of the slice anew and compare: with its leaf, with its tile, with the tile's root."""
    found = Scanned()
    expected = part.first // TILE_WIDTH
    bad: list[tuple[int, bytes | None, bytes | None]] = []
    for tile, records, leaves, stored, root in _bundles(part):  # hashed while the next ones are sent
        found.findings += [missing(part.log, at * TILE_WIDTH, None) for at in range(expected, tile)]
        expected = tile + 1
        hashes = _hashes(records or b"")
        found.entries += len(hashes)
        if not _agree(hashes, _wanted(part, tile), leaves, stored, root):
            bad.append((tile, stored, root))
    for tile, stored, root in bad[:MOST_FINDINGS]:
        found.findings += _told_of(part, tile, stored, root)
    last = (part.end + TILE_WIDTH - 1) // TILE_WIDTH
    found.findings += [missing(part.log, at * TILE_WIDTH, None) for at in range(expected, last)]
    del found.findings[MOST_FINDINGS:]
    return found


def _wanted(part: Slice, tile: int) -> int:
    return min(TILE_WIDTH, part.end - tile * TILE_WIDTH)


def _agree(
    hashes: list[bytes], wanted: int, leaves: bytes | None, stored: bytes | None, root: bytes | None
) -> bool:
    """Whether records, leaves and the tile are the same; without a full tile, records and leaves."""
    joined = b"".join(hashes)
    if len(hashes) != wanted or joined != leaves:
        return False
    if stored is None:
        return wanted < TILE_WIDTH
    return joined == stored[: len(joined)] and (wanted < TILE_WIDTH or tile_root(joined) == root)


def _told_of(part: Slice, tile: int, stored: bytes | None, root: bytes | None) -> Iterator[Finding]:
    """What is wrong within a tile of which something is."""
    first, wanted = tile * TILE_WIDTH, _wanted(part, tile)
    yield from _row_by_row(part.log, first, first + wanted, stored)
    if wanted == TILE_WIDTH and stored is None:
        yield _tile_finding(part.log, first, "A tile of the tree is missing.")
    elif stored is not None and tile_root(bytes(stored)) != root:
        yield _tile_finding(part.log, first, "The root of a tile is not that of its hashes.")


def _hashes(records: bytes) -> list[bytes]:
    """The leaf hash of each record, of which each stands behind its length."""
    found: list[bytes] = []
    at, size, length = 0, len(records), LENGTH.unpack_from
    while at < size:
        end = at + 4 + length(records, at)[0]
        found.append(sha256(LEAF_PREFIX + records[at + 4 : end]).digest())
        at = end
    return found


def _row_by_row(log: UUID, first: int, end: int, stored: bytes | None) -> Iterator[Finding]:
    """Which entries of a tile are not what they were, and which of the three differs."""
    with connection.cursor() as cursor:
        cursor.execute(RECORDS, [log, first, end])
        rows = {position: rest for position, *rest in cursor.fetchall()}
    for position in range(first, end):
        if position not in rows:
            yield missing(log, position, None)
            continue
        event, record, leaf, at = rows[position]
        if record is None:
            yield missing(log, position, event)
        elif told := _told(leaf_hash(bytes(record)), bytes(leaf), _nth(stored, position - first)):
            yield Finding(*told, log=log, position=position, event=event, at=at)


def _told(computed: bytes, leaf: bytes, in_tile: bytes | None) -> tuple[str, str] | None:
    if computed == leaf:
        if in_tile in {None, computed}:
            return None
        return (
            "leaf_differs_from_tile",
            "A record was exchanged with its leaf; the tile has another.",
        )
    if in_tile == computed:
        return "leaf_altered", "The leaf of a record was altered; the record is what was hashed."
    return "record_altered", "A record is not what was hashed."


def _nth(stored: bytes | None, place: int) -> bytes | None:
    return None if stored is None else bytes(stored[place * HASH_BYTES : (place + 1) * HASH_BYTES])


def _tile_finding(log: UUID, position: int, said: str) -> Finding:
    return Finding("tile_differs", said, log, position)


def _bundles(part: Slice) -> Iterator[tuple[Any, ...]]:
    given = [part.log, part.first, part.end, part.log]
    with _settings() as cursor, cursor.copy(BUNDLES, given) as copy:
        copy.set_types(["int8", "bytea", "bytea", "bytea", "bytea"])
        yield from copy.rows()


@contextmanager
def _settings() -> Iterator[Any]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SETTINGS)
        yield cursor
