"""An honest bundle in memory, every part of which can be changed before it is packed.

The log has 300 records, of which those of one run, its release and its approval are in the bundle. Who
changes the statement signs it anew with the evidence key: so does an insider. `seal` freezes the envelope.
"""

import json
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid5

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from governance.merkle.cosignature import cosign
from governance.merkle.keys import COSIGNATURE, Key, key_of, to_base64
from governance.merkle.note import Note, sign
from governance.merkle.tiles import consistency_proof, inclusion_proof
from governance.merkle.tree import leaf_hash, root_of
from runs.evidence.bundle import lines_of, packed, sealed
from runs.evidence.verifier.envelope import PREDICATE_TYPE, STATEMENT_TYPE
from runs.evidence.verifier.events import Logged, digest_of_events, read_record
from runs.evidence.verifier.relations import relations_of
from runs.evidence.verifier.strict_json import canonical_json
from tests.merkle.growing import MemoryTiles

NOW: Final = 1_800_000_000
ORIGIN: Final = "countersign.example/northwind"
LOG: Final = Ed25519PrivateKey.from_private_bytes(b"l" * 32)
EVIDENCE: Final = Ed25519PrivateKey.from_private_bytes(b"e" * 32)
WITNESS: Final = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
STRANGER: Final = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
WITNESS_NAME: Final = "witness.example/w1"
ORGANISATION: Final = "018f0000-0000-7000-8000-000000000001"
RUN, RELEASE, REQUEST = (f"018f0000-0000-7000-8000-00000000000{digit}" for digit in "234")
STEPS: Final = [f"018f0000-0000-7000-8000-00000000001{digit}" for digit in "01"]
WORKFLOW, PERSON, OTHER = (f"018f0000-0000-7000-8000-00000000002{digit}" for digit in "012")
LETTER, REPLY, DRAFT = b"Dear bank, ...", b'"Dear customer"', b'"a first draft"'
SALT: Final = b"\x07" * 32
SIZE, EARLIER = 300, 200


def hex_of(content: bytes) -> str:
    """Its SHA-256."""
    return sha256(content).hexdigest()


def artifact_of(content: bytes, media_type: str) -> str:
    """The identifier that the product gives these bytes."""
    return str(uuid5(UUID(ORGANISATION), f"{media_type} {hex_of(content)}"))


CLOSURE: Final = canonical_json(
    {
        "format": "countersign.closure/1",
        "workflow": {
            "id": WORKFLOW,
            "asset": "reply",
            "kind": "workflow",
            "number": 1,
            "sha256": hex_of(b"w"),
        },
        "versions": [],
    }
)


def record_of(number: int, kind: str, about: tuple[str, str], run: str | None, /, **details: Any) -> bytes:
    """A record in its one form."""
    return canonical_json(
        {
            "actor": PERSON,
            "actor_name": "Ada Approver",
            "at": f"2026-11-20T10:00:00.{number:06}Z",
            "details": details,
            "id": f"018f0000-0000-7000-9000-{number:012}",
            "kind": kind,
            "object_id": about[1],
            "object_type": about[0],
            "organisation": ORGANISATION,
            "run": run,
        }
    )


def step_record(number: int, index: int, output: bytes, read: bytes, media_type: str) -> bytes:
    """What the engine records of a step that read one content and made another."""
    return record_of(
        number,
        "step.succeeded",
        ("step", STEPS[index]),
        RUN,
        node=f"step_{index}",
        kind="function",
        position=index,
        attempt=1,
        inputs=[f"text={artifact_of(read, media_type)}"],
        output_sha256=hex_of(output),
    )


def story() -> dict[int, bytes]:
    """The records of the bundle by their positions: release, decision, run, two steps, the end."""
    vote = {"decision": "approve", "meaning": "I have reviewed it.", "reason": "Tested.", "vote": OTHER}
    commit = sha256(b"\x02" + SALT + canonical_json("CASE-7")).hexdigest()
    told = {"sha256": hex_of(CLOSURE), "release": "reply release 1", "environment": "production"}
    return {
        17: record_of(17, "release.submitted", ("release", RELEASE), None, **told),
        30: record_of(30, "approval.voted", ("approval", REQUEST), None, sha256=hex_of(CLOSURE), **vote),
        205: record_of(
            205,
            "run.started",
            ("run", RUN),
            RUN,
            **told,
            inputs={"letter": hex_of(LETTER)},
            reference={"commit": commit},
        ),
        206: step_record(206, 0, DRAFT, LETTER, "text/plain"),
        209: step_record(209, 1, REPLY, DRAFT, "application/json"),
        210: record_of(210, "run.succeeded", ("run", RUN), RUN, node="step_1"),
    }


def step_facts(index: int, output: bytes) -> dict[str, Any]:
    """What the statement says of a step."""
    return {
        "id": STEPS[index],
        "node": f"step_{index}",
        "kind": "function",
        "state": "succeeded",
        "position": index,
        "attempt": 1,
        "output_sha256": hex_of(output),
    }


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


OUTPUTS: Final = (("step_0", DRAFT), ("step_1", REPLY))


def release_facts() -> dict[str, Any]:
    """What the statement says of the release and of who decided on it."""
    return {
        "id": RELEASE,
        "request": REQUEST,
        "closure_sha256": hex_of(CLOSURE),
        "versions": [
            {"id": WORKFLOW, "asset": "reply", "kind": "workflow", "number": 1, "sha256": hex_of(b"w")}
        ],
        "approvals": [
            {
                "event": "018f0000-0000-7000-9000-000000000030",
                "person": PERSON,
                "person_name": "Ada Approver",
                "decision": "approve",
                "meaning": "I have reviewed it.",
                "reason": "Tested.",
                "sha256": hex_of(CLOSURE),
            }
        ],
    }


def public(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes of its public half."""
    return key.public_key().public_bytes_raw()


def base64_of(content: bytes) -> str:
    """As JSON holds bytes."""
    return to_base64(content)
