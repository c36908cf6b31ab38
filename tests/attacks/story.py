"""Who and what the honest bundle is about: one run, its release and its approval, as records and as facts."""

from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid5

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from governance.merkle.keys import to_base64
from runs.evidence.verifier.strict_json import canonical_json

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
