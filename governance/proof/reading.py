"""What the log says of an event: where it stands, the latest checkpoint, and the proofs between them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection

from governance.errors import WrongState
from governance.merkle.spans import consistency_spans, inclusion_spans
from governance.merkle.tiles import consistency_proof, inclusion_proofs
from governance.proof.models import Checkpoint, Position
from governance.proof.stored_tiles import StoredTiles

RECORDS: Final = """
    SELECT e.id, e.record, t.position FROM ledger_entry t JOIN ledger_event e ON e.id = t.event
    WHERE t.event = ANY(%s) AND t.log = %s AND t.position < %s
"""


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That these bytes stand at this position of the tree that a checkpoint of `size` signs."""

    event: UUID
    record: bytes
    position: int
    size: int
    proof: list[bytes]


def position_of(event: UUID) -> Position | None:
    """Where the event stands in its log; None for the moment before it is sequenced."""
    return Position.objects.filter(pk=event).first()


def latest_checkpoint(log: UUID) -> Checkpoint | None:
    """The checkpoint over most of the log, None before its first."""
    return Checkpoint.objects.of(log).first()


def first_covering(position: Position) -> Checkpoint | None:
    """The earliest checkpoint whose tree holds the event, None until there is one."""
    later = Checkpoint.objects.filter(log=position.log, size__gt=position.position)
    return later.order_by("size").first()


def inclusion(event: UUID, checkpoint: Checkpoint) -> Inclusion:
    """The proof that the checkpoint covers the event. Raises `WrongState` where it does not (yet)."""
    return inclusions([event], checkpoint)[0]


def inclusions(events: Iterable[UUID], checkpoint: Checkpoint) -> list[Inclusion]:
    """The same for several events, by position; tiles are read once for all. Raises `WrongState`."""
    wanted = list(dict.fromkeys(events))
    with connection.cursor() as cursor:
        cursor.execute(RECORDS, [wanted, checkpoint.log, checkpoint.size])
        found = sorted(cursor.fetchall(), key=lambda row: row[2])
    if missing := len(wanted) - len(found):
        raise WrongState(f"{missing} of {len(wanted)} events are not covered by this checkpoint.")
    size, positions = checkpoint.size, [position for _, _, position in found]
    spans = [span for position in positions for span in inclusion_spans(position, size)]
    tiles = StoredTiles(checkpoint.log).fetch(spans, size)
    proofs = inclusion_proofs(tiles, positions, size)
    return [
        Inclusion(event, bytes(record), position, size, proof)
        for (event, record, position), proof in zip(found, proofs, strict=True)
    ]


def consistency(log: UUID, old: int, new: int) -> list[bytes]:
    """The proof that the log's tree of size `new` continues that of `old`.

    Raises `WrongState` when the log is not as large, or `old` is larger than `new`.
    """
    latest = latest_checkpoint(log)
    if not 0 <= old <= new or latest is None or new > latest.size:
        raise WrongState("The log has no two checkpoints of these sizes.")
    return consistency_proof(StoredTiles(log).fetch(consistency_spans(old, new), new), old, new)
