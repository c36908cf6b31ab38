"""What the reader trusts: it comes from outside the bundle, or the bundle would vouch for itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from governance.merkle.errors import NoteMalformed
from governance.merkle.keys import COSIGNATURE, ED25519, Key, parse_vkey
from governance.merkle.note import Signed
from governance.merkle.note import parse as parse_note
from runs.evidence.verifier.causes import Cause, Failed
from runs.evidence.verifier.limits import LARGEST_POLICY
from runs.evidence.verifier.strict_json import member_of, objects_of, read_strictly, texts_of


@dataclass(frozen=True, slots=True)
class Ranged:
    """A key and the sizes of the log between which it was in force; `last` is None while it is."""

    key: Key
    first: int
    last: int | None

    def in_force(self, size: int) -> bool:
        """Whether it could sign when the log had this size."""
        return self.first <= size and (self.last is None or size <= self.last)


@dataclass(frozen=True, slots=True)
class Policy:
    """The log, its keys, those that sign statements, the witnesses and how many of them must have signed.

    `trusted` is the checkpoint that the reader holds from earlier, if any.
    """

    origin: str
    keys: tuple[Ranged, ...]
    evidence_keys: tuple[Ranged, ...]
    witnesses: tuple[Key, ...]
    quorum: int
    trusted: Signed | None


def read_policy(content: bytes) -> Policy:
    """The policy that a file says. Raises `Failed` with `USAGE` for anything that is not one."""
    try:
        if len(content) > LARGEST_POLICY:
            raise Failed(Cause.USAGE, f"The policy has more than {LARGEST_POLICY:,} bytes.")
        return _policy(read_strictly(content, "The policy"))
    except (Failed, NoteMalformed) as problem:
        raise Failed(Cause.USAGE, f"The policy cannot be used: {problem}") from problem


def _policy(value: Any) -> Policy:
    what = "The policy"
    found = Policy(
        origin=member_of(value, "origin", str, what),
        keys=tuple(_ranged(objects_of(value, "keys", what))),
        evidence_keys=tuple(_ranged(objects_of(value, "evidence_keys", what))),
        witnesses=tuple(_checked(text, COSIGNATURE) for text in texts_of(value, "witnesses", what)),
        quorum=member_of(value, "quorum", int, what),
        trusted=_trusted(value),
    )
    if set(value) != {"origin", "keys", "evidence_keys", "witnesses", "quorum", "trusted"}:
        raise Failed(Cause.USAGE, "it has members that a policy does not have.")
    if any(each.key.name != found.origin for each in found.keys):
        raise Failed(Cause.USAGE, "a key of the log is not in the name of its origin.")
    if not 0 <= found.quorum <= len({witness.public for witness in found.witnesses}):
        raise Failed(Cause.USAGE, "it names fewer witnesses, by different keys, than must have signed.")
    if len({witness.public for witness in found.witnesses}) < len(found.witnesses):
        raise Failed(Cause.USAGE, "two of its witnesses have the same key.")
    if found.trusted is not None and found.trusted.note.origin != found.origin:
        raise Failed(Cause.USAGE, "the checkpoint that it trusts is of another log.")
    return found


def _ranged(values: Iterable[dict[str, Any]]) -> Iterable[Ranged]:
    for value in values:
        what = "A key of the policy"
        last = value.get("to")
        yield Ranged(
            key=_checked(member_of(value, "vkey", str, what), ED25519),
            first=member_of(value, "from", int, what),
            last=None if last is None else member_of(value, "to", int, what),
        )


def _checked(vkey: str, kind: int) -> Key:
    key = parse_vkey(vkey)
    if key.kind != kind:
        raise Failed(Cause.USAGE, f"the key of {key.name} is of another kind.")
    return key


def _trusted(value: Any) -> Signed | None:
    if isinstance(value, dict) and value.get("trusted", "") is None:
        return None
    return parse_note(member_of(value, "trusted", str, "The policy").encode("utf-8", "replace"))
