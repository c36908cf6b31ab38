"""What somebody may do to a bundle of evidence, and the exit code with which `verify.py` must answer.

Where a change needs the evidence key it is made with it, as by an insider: then the log must contradict it.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, NamedTuple

from governance.merkle.cosignature import cosign
from governance.merkle.keys import key_of
from governance.merkle.note import Note, sign
from governance.merkle.tiles import inclusion_proof
from runs.evidence.verifier.causes import Cause
from runs.evidence.verifier.envelope import pre_authentication_encoding
from runs.evidence.verifier.events import Logged
from runs.evidence.verifier.strict_json import canonical_json
from tests.attacks.draft import (
    DRAFT,
    EARLIER,
    EVIDENCE,
    LETTER,
    LOG,
    NOW,
    ORIGIN,
    REPLY,
    RUN,
    SALT,
    SIZE,
    STEPS,
    STRANGER,
    WITNESS,
    WITNESS_NAME,
    Draft,
    artifact_of,
    base64_of,
    hex_of,
    public,
    record_of,
)
from tests.merkle.growing import MemoryTiles

Change = Callable[[Draft], None]


class BundleCase(NamedTuple):
    """One attack: what it is called, what it does to an honest bundle, and what must be found."""

    name: str
    change: Change
    expected: Cause


CASES: Final[list[BundleCase]] = []


def attack(name: str, expected: Cause) -> Callable[[Change], Change]:
    """Add the function to the table."""

    def added(change: Change) -> Change:
        CASES.append(BundleCase(name, change, expected))
        return change

    return added


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


@attack("fork signed by the log's key, without a witness", Cause.QUORUM)
def fork_unseen(draft: Draft) -> None:
    _fork(draft, EARLIER + 5)
    draft.checkpoint = draft.signed(SIZE, seen=None)


@attack("fork signed by the log's key, and by a witness", Cause.CONSISTENCY)
def fork_seen(draft: Draft) -> None:
    _fork(draft, EARLIER - 5)


@attack("fork of the very size that is trusted", Cause.FORK_OR_ROLLBACK)
def fork_same_size(draft: Draft) -> None:
    draft.policy["trusted"] = draft.signed(SIZE).decode()
    _fork(draft, EARLIER + 5)


@attack("rollback to an older valid checkpoint", Cause.FORK_OR_ROLLBACK)
def rollback(draft: Draft) -> None:
    draft.policy["trusted"] = draft.signed(SIZE).decode()
    draft.checkpoint = draft.signed(SIZE - 20)
    draft.prove([event.position for event in draft.events], SIZE - 20)


@attack("no proof that the trusted checkpoint is continued", Cause.CONSISTENCY)
def unshown(draft: Draft) -> None:
    del draft.parts["consistency.json"]


@attack("consistency proof flipped", Cause.CONSISTENCY)
def consistency_flipped(draft: Draft) -> None:
    value = json.loads(draft.parts["consistency.json"])
    value["proof"][0] = base64_of(b"\x00" * 32)
    draft.parts["consistency.json"] = json.dumps(value).encode()


@attack("checkpoint of another organisation's log", Cause.OTHER_ORIGIN)
def other_log(draft: Draft) -> None:
    note = draft.note(SIZE, origin="countersign.example/rival")
    draft.checkpoint = sign(LOG, note) + cosign(WITNESS, WITNESS_NAME, note, NOW - 60)


@attack("checkpoint's size changed", Cause.CHECKPOINT_SIGNATURE)
def size_changed(draft: Draft) -> None:
    draft.checkpoint = draft.checkpoint.replace(b"\n300\n", b"\n301\n")


@attack("checkpoint's size with a leading zero", Cause.CHECKPOINT_FORM)
def leading_zero(draft: Draft) -> None:
    draft.checkpoint = draft.checkpoint.replace(b"\n300\n", b"\n0300\n")


@attack("checkpoint with an extension line", Cause.CHECKPOINT_FORM)
def extension_line(draft: Draft) -> None:
    draft.checkpoint = draft.checkpoint.replace(b"\n\n", b"\nextension\n\n", 1)


@attack("checkpoint's signature flipped", Cause.CHECKPOINT_SIGNATURE)
def note_flipped(draft: Draft) -> None:
    other = sign(LOG, Note(ORIGIN, SIZE - 1, draft.note(SIZE).root)).split(b"\n\n", 1)[1]
    body, lines = draft.checkpoint.split(b"\n\n", 1)
    draft.checkpoint = body + b"\n\n" + other + lines.split(b"\n", 1)[1]


@attack("checkpoint signed by an unknown key", Cause.LOG_KEY_UNKNOWN)
def unknown_log_key(draft: Draft) -> None:
    draft.checkpoint = draft.signed(SIZE, key=STRANGER)


@attack("log key outside its range", Cause.LOG_KEY_RANGE)
def log_key_range(draft: Draft) -> None:
    draft.policy["keys"][0]["to"] = SIZE - 1


@attack("checkpoint swapped for another valid one", Cause.INCLUSION)
def checkpoint_swapped(draft: Draft) -> None:
    draft.checkpoint = draft.signed(SIZE - 10)
    draft.consist(EARLIER, SIZE - 10)


@attack("witness stripped", Cause.QUORUM)
def witness_stripped(draft: Draft) -> None:
    draft.checkpoint = draft.signed(SIZE, seen=None)


@attack("witness nobody trusts in place of the trusted one", Cause.QUORUM)
def witness_unknown(draft: Draft) -> None:
    note = draft.note(SIZE)
    draft.checkpoint = sign(LOG, note) + cosign(STRANGER, "witness.example/w2", note, NOW)


@attack("witness in the future", Cause.COSIGNED_IN_FUTURE)
def witness_in_future(draft: Draft) -> None:
    draft.checkpoint = draft.signed(SIZE, seen=NOW + 3600)


@attack("output replaced", Cause.OUTPUT)
def output_replaced(draft: Draft) -> None:
    forged = b'"Your claim is refused"'
    draft.statement["subject"][1]["digest"]["sha256"] = hex_of(forged)
    draft.predicate["materials"][2] |= {
        "sha256": hex_of(forged),
        "artifact": artifact_of(forged, "application/json"),
    }
    del draft.parts[f"artifacts/{hex_of(REPLY)}"]
    draft.parts[f"artifacts/{hex_of(forged)}"] = forged


@attack("output left out of the statement", Cause.OUTPUT)
def output_unstated(draft: Draft) -> None:
    del draft.statement["subject"][0]


@attack("output left out of the zip", Cause.OUTPUT)
def output_missing(draft: Draft) -> None:
    del draft.parts[f"artifacts/{hex_of(REPLY)}"]


@attack("artifact under a wrong digest", Cause.CONTENT_ALTERED)
def wrong_digest(draft: Draft) -> None:
    draft.parts[f"artifacts/{hex_of(LETTER)}"] = DRAFT


@attack("report rewritten", Cause.CONTENT_ALTERED)
def report_rewritten(draft: Draft) -> None:
    draft.parts["report.html"] = b"<p>Nothing happened</p>"


@attack("input left out of the zip", Cause.PARTS)
def input_missing(draft: Draft) -> None:
    del draft.parts[f"artifacts/{hex_of(LETTER)}"]


@attack("part that the statement does not name", Cause.PARTS)
def part_added(draft: Draft) -> None:
    draft.parts["verify.py"] = b"print('HOLDS')"


@attack("disclosure forged", Cause.DISCLOSURE)
def disclosure_forged(draft: Draft) -> None:
    _disclose(draft, "CASE-8")


@attack("disclosure that the statement does not name", Cause.DISCLOSURE)
def disclosure_undeclared(draft: Draft) -> None:
    _disclose(draft, "CASE-7")
    draft.predicate["disclosures"] = []


@attack("disclosure, declared and true", Cause.HOLDS)
def disclosure(draft: Draft) -> None:
    _disclose(draft, "CASE-7")


@attack("redaction of an input and an output", Cause.HOLDS)
def redaction(draft: Draft) -> None:
    for content in (LETTER, REPLY):
        del draft.parts[f"artifacts/{hex_of(content)}"]
    left_out = [{"sha256": hex_of(content), "reason": "personal data"} for content in (LETTER, REPLY)]
    draft.parts["redactions.json"] = json.dumps(left_out).encode()


@attack("lineage edge removed", Cause.RELATION)
def edge_removed(draft: Draft) -> None:
    used = [each for each in draft.predicate["relations"] if each["relation"] == "used"]
    draft.predicate["relations"].remove(used[0])


@attack("lineage edge added", Cause.RELATION)
def edge_added(draft: Draft) -> None:
    used = next(each for each in draft.predicate["relations"] if each["relation"] == "used")
    draft.predicate["relations"].append({**used, "name": "policy"})


@attack("another content behind an artifact's identifier", Cause.RELATION)
def artifact_renamed(draft: Draft) -> None:
    draft.predicate["materials"][0]["artifact"] = artifact_of(b"another letter", "text/plain")


@attack("approval that nobody gave", Cause.RELATION)
def approval_invented(draft: Draft) -> None:
    [approval] = draft.predicate["releases"][0]["approvals"]
    draft.predicate["releases"][0]["approvals"] = [approval, {**approval, "person_name": "Bea Second"}]


@attack("rejection told as an approval's absence", Cause.RELATION)
def approval_removed(draft: Draft) -> None:
    draft.predicate["releases"][0]["approvals"] = []


@attack("version other than was approved", Cause.RELATION)
def version_replaced(draft: Draft) -> None:
    draft.predicate["releases"][0]["versions"][0]["sha256"] = hex_of(b"another workflow")


@attack("step left out of the statement", Cause.RELATION)
def step_unstated(draft: Draft) -> None:
    del draft.predicate["runs"][0]["steps"][0]


@attack("step that no record tells of", Cause.EVENT_SET)
def step_invented(draft: Draft) -> None:
    steps: list[dict[str, Any]] = draft.predicate["runs"][0]["steps"]
    steps.append({**steps[0], "id": STEPS[0][:-1] + "9", "position": 2})


@attack("JSON key doubled", Cause.JSON)
def key_doubled(draft: Draft) -> None:
    draft.seal()
    assert draft.envelope is not None
    draft.envelope = draft.envelope.replace(b"{", b'{"payloadType":"text/plain",', 1)


def _edited(event: Logged) -> Logged:
    return replace(
        event, record=event.record.replace(b'"position":0', b'"position":1').replace(b"Ada", b"Eve")
    )


def _flipped(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:]


def _fork(draft: Draft, at: int) -> None:
    """Another history from a position on, signed like the first, and proven by itself."""
    draft.records[at] = record_of(at, "run.started", ("run", RUN[:-1] + "9"), None, forged=True)
    draft.checkpoint = draft.signed(SIZE)
    draft.prove([event.position for event in draft.events])
    draft.consist(EARLIER, SIZE)


def _disclose(draft: Draft, value: str) -> None:
    event = json.loads(draft.events[2].record)["id"]
    path = ["details", "reference"]
    draft.predicate["disclosures"] = [{"event": event, "path": path}]
    disclosed = [{"event": event, "path": path, "salt": base64_of(SALT), "value": value}]
    draft.parts["disclosures.json"] = json.dumps(disclosed).encode()
