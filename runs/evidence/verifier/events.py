"""The records of the log: each stands where it is claimed to, and they are exactly those that are stated."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from governance.merkle.errors import ProofInvalid
from governance.merkle.note import Note
from governance.merkle.tree import HASH_BYTES, leaf_hash, node_hash, verify_inclusion
from runs.evidence.verifier.causes import Cause, Failed, Findings
from runs.evidence.verifier.envelope import decoded
from runs.evidence.verifier.limits import MOST_EVENTS
from runs.evidence.verifier.strict_json import canonical_json, member_of, read_strictly, texts_of

RECORD_TEXTS: Final = ("actor", "actor_name", "at", "id", "kind", "object_id", "object_type")
RECORD_TEXTS_OR_NULL: Final = ("organisation", "project", "run")
HIGHEST_TREE: Final = 63


@dataclass(frozen=True, slots=True)
class Logged:
    """One record with its place, and what shows that it stands there."""

    position: int
    record: bytes
    proof: tuple[bytes, ...]


def read_events(content: bytes) -> list[Logged]:
    """The lines of `events.jsonl`. Raises `Failed`."""
    if content.count(b"\n") > MOST_EVENTS:
        raise Failed(Cause.LIMIT, f"The bundle has more than {MOST_EVENTS:,} records.")
    if content and not content.endswith(b"\n"):
        raise Failed(Cause.JSON, "The list of records ends within a line.")
    return [_logged(line, number) for number, line in enumerate(content.split(b"\n")[:-1], start=1)]


def digest_of_events(leaves: Sequence[bytes]) -> str:
    """What stands for the whole set: SHA-256 over the leaf hashes, in the log's order."""
    return sha256(b"".join(leaves)).hexdigest()


def read_record(record: bytes) -> dict[str, Any]:
    """What the record says. Raises `Failed` when it is not in the one form in which records are hashed."""
    try:
        value = read_strictly(record, "A record")
        for name in RECORD_TEXTS:
            member_of(value, name, str, "A record")
        member_of(value, "details", dict, "A record")
        for name in RECORD_TEXTS_OR_NULL:
            if value.get(name) is not None:
                member_of(value, name, str, "A record")
    except Failed as problem:
        raise Failed(Cause.RECORD_ALTERED, problem.said) from problem
    found: dict[str, Any] = value
    if canonical_json(found) != record:
        raise Failed(Cause.RECORD_ALTERED, f"The record {found['id']} is not in its one form.")
    return found


def check_events(events: Sequence[Logged], stated: Any, note: Note | None, findings: Findings) -> None:
    """Each record is one of those stated and stands in the log; together they are all of them, in order."""
    leaves = texts_of(stated, "leaves", "What is stated of the events")
    known = set(leaves)
    for event in events:
        if _is_inner_node(event, known, note):
            said = f"At position {event.position:,} an inner node is passed off as a record."
            findings.add(Cause.INNER_NODE, said)
            continue
        findings.attempt(_check_record, event, known)
        if note is not None:
            findings.attempt(_check_place, event, note)
    findings.attempt(_check_set, events, leaves, stated)


def _logged(line: bytes, number: int) -> Logged:
    what = f"Line {number} of the records"
    value = read_strictly(line, what)
    hashes = [decoded(text, what) for text in texts_of(value, "proof", what)]
    if set(value) != {"position", "proof", "record"} or len(hashes) > HIGHEST_TREE:
        raise Failed(Cause.JSON, f"{what} is not a position, a proof and a record.")
    record = decoded(member_of(value, "record", str, what), what)
    return Logged(member_of(value, "position", int, what), record, tuple(hashes))


def _check_record(event: Logged, stated: set[str]) -> None:
    if leaf_hash(event.record).hex() not in stated:
        raise Failed(
            Cause.RECORD_ALTERED,
            f"The record at position {event.position:,} is not the one that the statement is about: it was "
            f"altered, or never belonged to it{_called(event.record)}.",
        )


def _called(record: bytes) -> str:
    """The record's own words for itself, if they can still be read."""
    try:
        value = read_record(record)
    except Failed:
        return ""
    return f" ({value['kind'][:60]}, {value['at'][:40]})"


def _is_inner_node(event: Logged, stated: set[str], note: Note | None) -> bool:
    """Two hashes in place of a record: they would prove what lies above two leaves, or two nodes."""
    if len(event.record) != 2 * HASH_BYTES:
        return False
    node = node_hash(event.record[:HASH_BYTES], event.record[HASH_BYTES:])
    if node.hex() in stated:
        return True
    return note is not None and any(_leads(event, node, note, height) for height in range(1, HIGHEST_TREE))


def _leads(event: Logged, node: bytes, note: Note, height: int) -> bool:
    size = -(-note.size // 2**height)  # how many nodes the tree has at this height
    try:
        verify_inclusion(node, event.position, size, event.proof, note.root)
    except ProofInvalid:
        return False
    return True


def _check_place(event: Logged, note: Note) -> None:
    try:
        verify_inclusion(leaf_hash(event.record), event.position, note.size, event.proof, note.root)
    except ProofInvalid as problem:
        raise Failed(
            Cause.INCLUSION,
            f"Nothing shows that the record stands at position {event.position:,} of the log: {problem}",
        ) from problem


def _check_set(events: Sequence[Logged], stated_leaves: list[str], stated: Any) -> None:
    leaves = [leaf_hash(event.record) for event in events]
    count = member_of(stated, "count", int, "What is stated of the events")
    if not count == len(stated_leaves) == len(events):
        raise Failed(Cause.EVENT_SET, f"The statement is about {count:,} records; here are {len(events):,}.")
    positions = [event.position for event in events]
    if any(later <= earlier for earlier, later in itertools.pairwise(positions)):
        raise Failed(Cause.EVENT_SET, "The records are not in the log's order, or one is there twice.")
    digest = member_of(stated, "digest", str, "What is stated of the events")
    if [leaf.hex() for leaf in leaves] != stated_leaves or digest_of_events(leaves) != digest:
        raise Failed(Cause.EVENT_SET, "The records are not those, or not in the order, that are stated.")
