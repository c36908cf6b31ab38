"""Attacks on the records of a bundle, their proofs, and the signature over the statement."""

import json
from dataclasses import replace

from governance.merkle.keys import key_of
from governance.merkle.tiles import inclusion_proof
from runs.evidence.verifier.causes import Cause
from runs.evidence.verifier.envelope import pre_authentication_encoding
from runs.evidence.verifier.events import Logged
from runs.evidence.verifier.strict_json import canonical_json
from tests.attacks.draft import Draft
from tests.attacks.story import (
    EARLIER,
    EVIDENCE,
    ORIGIN,
    RUN,
    SIZE,
    STRANGER,
    base64_of,
    public,
    record_of,
)
from tests.attacks.table import attack
from tests.merkle.growing import MemoryTiles


@attack("nothing changed", Cause.HOLDS)
def honest(draft: Draft) -> None:
    draft.seal()


@attack("record edited", Cause.RECORD_ALTERED)
def edited(draft: Draft) -> None:
    draft.seal()
    draft.events[3] = _edited(draft.events[3])


@attack("record edited and the statement signed anew", Cause.INCLUSION)
def edited_and_signed(draft: Draft) -> None:
    draft.events[3] = _edited(draft.events[3])
    draft.state_events()
    draft.relate()


@attack("record not in its one form, though logged so", Cause.RECORD_ALTERED)
def not_canonical(draft: Draft) -> None:
    draft.records[210] = json.dumps(json.loads(draft.records[210])).encode()
    draft.checkpoint = draft.signed(SIZE)
    draft.consist(EARLIER, SIZE)
    draft.prove([event.position for event in draft.events])
    draft.state_events()


@attack("event dropped", Cause.EVENT_SET)
def dropped(draft: Draft) -> None:
    draft.seal()
    del draft.events[4]


@attack("event dropped with the count fixed", Cause.EVENT_SET)
def dropped_and_counted(draft: Draft) -> None:
    del draft.events[4]
    draft.state_events()
    draft.relate()


@attack("event duplicated", Cause.EVENT_SET)
def duplicated(draft: Draft) -> None:
    draft.seal()
    draft.events.insert(4, draft.events[4])


@attack("event duplicated and the statement signed anew", Cause.EVENT_SET)
def duplicated_and_signed(draft: Draft) -> None:
    draft.events.insert(4, draft.events[4])
    draft.state_events()
    draft.relate()


@attack("positions of two events swapped", Cause.INCLUSION)
def swapped(draft: Draft) -> None:
    draft.seal()
    first, second = draft.events[3], draft.events[4]
    draft.events[3:5] = [replace(first, position=second.position), replace(second, position=first.position)]


@attack("order of two events swapped", Cause.EVENT_SET)
def reordered(draft: Draft) -> None:
    draft.seal()
    draft.events[3], draft.events[4] = draft.events[4], draft.events[3]


@attack("never-logged event with a borrowed proof", Cause.INCLUSION)
def borrowed(draft: Draft) -> None:
    never = record_of(211, "run.verified", ("run", RUN), RUN, holds=True)
    draft.events.append(replace(draft.events[-1], record=never, position=211))
    draft.state_events()
    draft.relate()


@attack("never-logged event behind the statement's back", Cause.RECORD_ALTERED)
def smuggled(draft: Draft) -> None:
    draft.seal()
    never = record_of(211, "run.verified", ("run", RUN), RUN, holds=True)
    draft.events.append(replace(draft.events[-1], record=never, position=211))


@attack("event of another run, though logged", Cause.OTHER_SUBJECT)
def of_another(draft: Draft) -> None:
    draft.prove([*(event.position for event in draft.events), 211])
    draft.state_events()
    draft.relate()


@attack("inclusion proof flipped", Cause.INCLUSION)
def proof_flipped(draft: Draft) -> None:
    first = draft.events[0]
    draft.events[0] = replace(first, proof=(_flipped(first.proof[0]), *first.proof[1:]))


@attack("inclusion proof truncated", Cause.INCLUSION)
def proof_truncated(draft: Draft) -> None:
    draft.events[0] = replace(draft.events[0], proof=draft.events[0].proof[:-1])


@attack("inclusion proof extended", Cause.INCLUSION)
def proof_extended(draft: Draft) -> None:
    draft.events[0] = replace(draft.events[0], proof=(*draft.events[0].proof, b"\x00" * 32))


@attack("inner node passed off as a record", Cause.INNER_NODE)
def inner_node(draft: Draft) -> None:
    leaves = draft.leaves()
    proof = tuple(inclusion_proof(MemoryTiles(leaves), 8, SIZE))
    draft.events.insert(0, Logged(4, leaves[8] + leaves[9], proof[1:]))
    draft.state_events()


@attack("statement's signature flipped", Cause.ENVELOPE_SIGNATURE)
def signature_flipped(draft: Draft) -> None:
    envelope = json.loads(draft.seal())
    envelope["signatures"][0]["sig"] = base64_of(_flipped(EVIDENCE.sign(b"something else")))
    draft.envelope = json.dumps(envelope).encode()


@attack("statement signed by an unknown key", Cause.SIGNER_UNKNOWN)
def unknown_signer(draft: Draft) -> None:
    envelope = json.loads(draft.seal(STRANGER))
    envelope["signatures"][0]["keyid"] = key_of(f"{ORIGIN}/evidence", public(STRANGER)).key_id.hex()
    draft.envelope = json.dumps(envelope).encode()


@attack("statement signed by an unknown key in the known one's name", Cause.ENVELOPE_SIGNATURE)
def posing_signer(draft: Draft) -> None:
    draft.seal(STRANGER)


@attack("raw payload signed instead of its envelope's encoding", Cause.ENVELOPE_SIGNATURE)
def raw_payload(draft: Draft) -> None:
    envelope = json.loads(draft.seal())
    payload = json.dumps(draft.statement).encode()
    envelope |= {"payload": base64_of(payload)}
    envelope["signatures"][0]["sig"] = base64_of(EVIDENCE.sign(payload))
    draft.envelope = json.dumps(envelope).encode()


@attack("another payload type", Cause.PAYLOAD_TYPE)
def payload_type(draft: Draft) -> None:
    payload, kind = canonical_json(draft.statement), "application/json"
    signature = EVIDENCE.sign(pre_authentication_encoding(kind, payload))
    signed = [{"keyid": draft.known_as.key_id.hex(), "sig": base64_of(signature)}]
    envelope = {"payload": base64_of(payload), "payloadType": kind, "signatures": signed}
    draft.envelope = json.dumps(envelope).encode()


@attack("another predicate type", Cause.PAYLOAD_TYPE)
def predicate_type(draft: Draft) -> None:
    draft.statement["predicateType"] = "https://slsa.dev/provenance/v1"


@attack("evidence key outside its range", Cause.SIGNER_RANGE)
def evidence_key_range(draft: Draft) -> None:
    draft.policy["evidence_keys"][0]["to"] = SIZE - 1


def _edited(event: Logged) -> Logged:
    return replace(
        event, record=event.record.replace(b'"position":0', b'"position":1').replace(b"Ada", b"Eve")
    )


def _flipped(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:]
