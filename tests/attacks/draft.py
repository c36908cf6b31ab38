"""An honest bundle in memory, every part of which can be changed before it is packed.

The log has 300 records, of which those of one run, its release and its approval are in the bundle. Who
changes the statement signs it anew with the evidence key: so does an insider. `seal` freezes the envelope.
"""

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from governance.merkle.cosignature import cosign
from governance.merkle.keys import COSIGNATURE, Key, key_of
from governance.merkle.note import Note, sign
from governance.merkle.tiles import consistency_proof, inclusion_proof
from governance.merkle.tree import leaf_hash, root_of
from runs.evidence.bundle import lines_of, packed, sealed
from runs.evidence.verifier.envelope import PREDICATE_TYPE, STATEMENT_TYPE
from runs.evidence.verifier.events import Logged, digest_of_events, read_record
from runs.evidence.verifier.relations import relations_of
from tests.attacks.story import (
    CLOSURE,
    DRAFT,
    EARLIER,
    EVIDENCE,
    LETTER,
    LOG,
    NOW,
    ORGANISATION,
    ORIGIN,
    OTHER,
    OUTPUTS,
    PERSON,
    REPLY,
    RUN,
    SIZE,
    WITNESS,
    WITNESS_NAME,
    artifact_of,
    base64_of,
    hex_of,
    public,
    record_of,
    release_facts,
    step_facts,
    story,
)
from tests.merkle.growing import MemoryTiles


@dataclass
class Draft:
    """The parts of a bundle and the policy that it is examined under, to be changed."""

    records: list[bytes] = field(default_factory=list)
    events: list[Logged] = field(default_factory=list)
    statement: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, bytes] = field(default_factory=dict)
    checkpoint: bytes = b""
    policy: dict[str, Any] = field(default_factory=dict)
    envelope: bytes | None = None
    raw: bytes | None = None

    def __post_init__(self) -> None:
        """Begin as an honest bundle."""
        told = story()
        self.records = [
            told.get(number) or record_of(number, "run.started", ("run", OTHER), OTHER)
            for number in range(SIZE)
        ]
        self.checkpoint = self.signed(SIZE)
        self.prove(sorted(told))
        self.statement = self.stated()
        contents = (LETTER, DRAFT, REPLY, CLOSURE)
        self.parts = {f"artifacts/{hex_of(content)}": content for content in contents}
        self.parts["report.html"] = b"<p>What happened</p>"
        self.policy = {
            "origin": ORIGIN,
            "keys": [{"vkey": key_of(ORIGIN, public(LOG)).vkey, "from": 0, "to": None}],
            "evidence_keys": [{"vkey": self.known_as.vkey, "from": 0, "to": None}],
            "witnesses": [key_of(WITNESS_NAME, public(WITNESS), kind=COSIGNATURE).vkey],
            "quorum": 1,
            "trusted": self.signed(EARLIER).decode(),
        }
        self.consist(EARLIER, SIZE)

    @cached_property
    def known_as(self) -> Key:
        """The evidence key as the policy names it."""
        return key_of(f"{ORIGIN}/evidence", public(EVIDENCE))

    @property
    def predicate(self) -> dict[str, Any]:
        """The statement's own part."""
        found: dict[str, Any] = self.statement["predicate"]
        return found

    def leaves(self) -> list[bytes]:
        """Of the whole log."""
        return [leaf_hash(record) for record in self.records]

    def note(self, size: int, origin: str = ORIGIN) -> Note:
        """The log at a size."""
        return Note(origin, size, root_of(self.leaves()[:size]))

    def signed(self, size: int, *, seen: int | None = NOW - 60, key: Ed25519PrivateKey = LOG) -> bytes:
        """The checkpoint of a size with its witness's line."""
        note = self.note(size)
        line = b"" if seen is None else cosign(WITNESS, WITNESS_NAME, note, seen)
        return sign(key, note) + line

    def prove(self, positions: list[int], size: int = SIZE) -> None:
        """These records, each proven by the log as it is now."""
        tiles = MemoryTiles(self.leaves()[:size])
        self.events = [
            Logged(position, self.records[position], tuple(inclusion_proof(tiles, position, size)))
            for position in positions
        ]

    def consist(self, old: int, new: int) -> None:
        """The proof from the policy's checkpoint to the bundle's."""
        proof = consistency_proof(MemoryTiles(self.leaves()[:new]), old, new)
        value = {"old": old, "proof": [base64_of(each) for each in proof]}
        self.parts["consistency.json"] = json.dumps(value).encode()

    def state_events(self) -> None:
        """Let the statement name exactly the events that are there now."""
        leaves = [leaf_hash(event.record) for event in self.events]
        self.predicate["events"] = {
            "count": len(leaves),
            "digest": digest_of_events(leaves),
            "leaves": [leaf.hex() for leaf in leaves],
        }

    def relate(self) -> None:
        """Let the statement say the relations that its records say."""
        self.predicate["relations"] = relations_of([read_record(event.record) for event in self.events])

    def stated(self) -> dict[str, Any]:
        """The honest statement."""
        materials = [
            (LETTER, "text/plain", True),
            (DRAFT, "application/json", True),
            (REPLY, "application/json", True),
            (CLOSURE, "application/json", False),
        ]
        self.statement = {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": name, "digest": {"sha256": hex_of(made)}} for name, made in OUTPUTS],
            "predicateType": PREDICATE_TYPE,
            "predicate": {
                "about": {"kind": "run", "id": RUN, "title": "Run CASE-7"},
                "organisation": {"id": ORGANISATION, "name": "Northwind Bank", "slug": "northwind"},
                "made": {"at": "2026-11-22T09:00:00.000000Z", "by": PERSON, "by_name": "Ada Auditor"},
                "runs": [
                    {
                        "id": RUN,
                        "closure_sha256": hex_of(CLOSURE),
                        "state": "succeeded",
                        "steps": [step_facts(0, DRAFT), step_facts(1, REPLY)],
                    }
                ],
                "releases": [release_facts()],
                "materials": [
                    {
                        "sha256": hex_of(content),
                        "media_type": media_type,
                        "size": len(content),
                        "artifact": artifact_of(content, media_type) if stored else None,
                    }
                    for content, media_type, stored in materials
                ],
                "parts": {"report.html": hex_of(b"<p>What happened</p>")},
                "disclosures": [],
            },
        }
        self.state_events()
        self.relate()
        return self.statement

    def seal(self, key: Ed25519PrivateKey = EVIDENCE) -> bytes:
        """Sign the statement as it is now; what is changed later is changed behind the signature."""
        self.envelope = sealed(self.statement, key, self.known_as)
        return self.envelope

    def packed(self) -> bytes:
        """The zip file."""
        if self.raw is not None:
            return self.raw
        own = {
            "statement.dsse.json": self.envelope or self.seal(),
            "checkpoint": self.checkpoint,
            "events.jsonl": lines_of(self.events),
        }
        return packed({**own, **self.parts})
