"""The signed statement: an in-toto Statement v1 in a DSSE envelope.

Sources: https://github.com/secure-systems-lab/dsse, https://github.com/in-toto/attestation.
"""

from typing import Any, Final

from governance.merkle.errors import NoteMalformed, SignatureInvalid
from governance.merkle.keys import Key, from_base64
from runs.evidence.verifier.causes import Cause, Failed, Findings
from runs.evidence.verifier.policy import Policy, Ranged
from runs.evidence.verifier.strict_json import member_of, objects_of, read_strictly

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "urn:countersign:evidence:v1"
MOST_ENVELOPE_SIGNATURES: Final = 8


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed: type and payload, each behind its length (DSSE v1)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def envelope_key_id(key: Key) -> str:
    """How a signature names its key."""
    return key.key_id.hex()


def open_envelope(content: bytes, policy: Policy, findings: Findings) -> tuple[Any, Ranged | None]:
    """The statement and the policy's key that signed it, if one did. Raises `Failed` for what is no envelope.

    A wrong signature is a finding; the statement is read all the same, so that more can be said.
    """
    what = "The envelope"
    value = read_strictly(content, what)
    kind = member_of(value, "payloadType", str, what)
    payload = decoded(member_of(value, "payload", str, what), what)
    signatures = objects_of(value, "signatures", what)
    if set(value) != {"payload", "payloadType", "signatures"}:
        raise Failed(Cause.JSON, "The envelope has members that an envelope does not have.")
    if not 1 <= len(signatures) <= MOST_ENVELOPE_SIGNATURES:
        raise Failed(Cause.ENVELOPE_SIGNATURE, "The envelope has no signature, or too many.")
    signer = findings.attempt(_signer, kind, payload, signatures, policy)
    if kind != PAYLOAD_TYPE:
        findings.add(Cause.PAYLOAD_TYPE, f"The envelope holds “{kind[:80]}”, not an in-toto statement.")
    return read_strictly(payload, "The statement"), signer


def check_statement_type(statement: Any) -> None:
    """It is a statement of this product's evidence. Raises `Failed` for another."""
    kind = member_of(statement, "_type", str, "The statement")
    predicate = member_of(statement, "predicateType", str, "The statement")
    if (kind, predicate) != (STATEMENT_TYPE, PREDICATE_TYPE):
        raise Failed(Cause.PAYLOAD_TYPE, f"The statement is of the type {predicate[:80]}.")


def decoded(text: str, what: str) -> bytes:
    """The bytes of base64 in its one form. Raises `Failed`."""
    try:
        return from_base64(text)
    except NoteMalformed as problem:
        raise Failed(Cause.JSON, f"{what} holds something that is not base64.") from problem


def _signer(kind: str, payload: bytes, signatures: list[dict[str, Any]], policy: Policy) -> Ranged:
    signed = pre_authentication_encoding(kind, payload)
    for signature in signatures:
        key_id = member_of(signature, "keyid", str, "A signature of the envelope")
        content = decoded(member_of(signature, "sig", str, "A signature of the envelope"), "A signature")
        for known in policy.evidence_keys:
            if envelope_key_id(known.key) == key_id:
                _check(known.key, content, signed)
                return known
    raise Failed(Cause.SIGNER_UNKNOWN, "The statement is signed by no key that the policy names.")


def _check(key: Key, signature: bytes, signed: bytes) -> None:
    try:
        key.check(signature, signed)
    except SignatureInvalid as problem:
        raise Failed(Cause.ENVELOPE_SIGNATURE, "The signature over the statement is wrong.") from problem
