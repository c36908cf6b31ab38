"""Values behind the commitments of records: each is stated, and is what the record commits to."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from runs.evidence.verifier.causes import Cause, Failed, Findings
from runs.evidence.verifier.contents import DISCLOSURES_FILE, LARGEST_REDACTIONS
from runs.evidence.verifier.envelope import decoded
from runs.evidence.verifier.strict_json import canonical_json, member_of, objects_of, read_strictly, texts_of
from runs.evidence.verifier.zip_reading import Bundle

COMMITMENT: Final = b"\x02"
SALT_BYTES: Final = 32


def commitment(salt: bytes, value: Any) -> str:
    """What a record holds in place of a value: SHA-256(0x02 || salt || the value's canonical JSON)."""
    return sha256(COMMITMENT + salt + canonical_json(value)).hexdigest()


def check_disclosures(
    bundle: Bundle, predicate: dict[str, Any], records: Mapping[str, dict[str, Any]], findings: Findings
) -> int:
    """Check each disclosure of the bundle; how many there are."""
    if DISCLOSURES_FILE not in bundle.members:
        return 0
    what = "The list of disclosures"
    stated = {
        (member_of(each, "event", str, what), tuple(texts_of(each, "path", what)))
        for each in objects_of(predicate, "disclosures", "The statement")
    }
    value = read_strictly(bundle.read(DISCLOSURES_FILE, LARGEST_REDACTIONS), what)
    listed = objects_of({"disclosures": value}, "disclosures", what)
    for disclosed in listed:
        findings.attempt(_check_disclosure, disclosed, stated, records)
    return len(listed)


def _check_disclosure(
    disclosed: dict[str, Any],
    stated: set[tuple[str, tuple[str, ...]]],
    records: Mapping[str, dict[str, Any]],
) -> None:
    what = "A disclosure"
    event, path = member_of(disclosed, "event", str, what), tuple(texts_of(disclosed, "path", what))
    place = f"{'.'.join(path)[:80]} of the record {event[:40]}"
    if (event, path) not in stated:
        raise Failed(Cause.DISCLOSURE, f"The statement does not name the disclosure of {place}.")
    salt = decoded(member_of(disclosed, "salt", str, what), what)
    held: Any = records.get(event)
    for name in path:
        held = held.get(name) if isinstance(held, dict) else None
    if len(salt) != SALT_BYTES or "value" not in disclosed:
        raise Failed(Cause.DISCLOSURE, f"The disclosure of {place} has no salt, or no value.")
    if held != {"commit": commitment(salt, disclosed["value"])}:
        raise Failed(Cause.DISCLOSURE, f"{place} does not commit to the value that is disclosed.")
