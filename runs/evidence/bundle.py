"""The bundle's file: sorted names, fixed dates, so that the same contents make the same bytes."""

import io
import zipfile
from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from governance.merkle.keys import Key, to_base64
from runs.evidence.verifier.envelope import PAYLOAD_TYPE, envelope_key_id, pre_authentication_encoding
from runs.evidence.verifier.events import Logged
from runs.evidence.verifier.limits import HIGHEST_RATIO
from runs.evidence.verifier.strict_json import canonical_json

FIXED: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
READABLE: Final = 0o100644 << 16  # an ordinary file


def sealed(statement: Mapping[str, object], key: Ed25519PrivateKey, known_as: Key) -> bytes:
    """The statement in its signed envelope (DSSE v1)."""
    payload = canonical_json(statement)
    signature = key.sign(pre_authentication_encoding(PAYLOAD_TYPE, payload))
    envelope = {
        "payload": to_base64(payload),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": envelope_key_id(known_as), "sig": to_base64(signature)}],
    }
    return canonical_json(envelope)


def lines_of(events: list[Logged]) -> bytes:
    """`events.jsonl`: each record with its place and its proof."""
    return b"".join(
        canonical_json(
            {
                "position": event.position,
                "proof": [to_base64(each) for each in event.proof],
                "record": to_base64(event.record),
            }
        )
        + b"\n"
        for event in events
    )


def packed(parts: Mapping[str, bytes]) -> bytes:
    """The parts as a zip file. What would shrink too much is not packed: it would look like a bomb."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as bundle:
        for name in sorted(parts):
            member = zipfile.ZipInfo(name, FIXED)
            member.external_attr = READABLE
            member.compress_type = _packing(parts[name])
            bundle.writestr(member, parts[name])
    return file.getvalue()


def _packing(content: bytes) -> int:
    """Only what has many different bytes is sure to stay well below the ratio that is refused."""
    varied = (
        len(set(content[:4096])) > HIGHEST_RATIO // 20 and len(set(content[-4096:])) > HIGHEST_RATIO // 20
    )
    return zipfile.ZIP_DEFLATED if varied else zipfile.ZIP_STORED
