"""Whatever is done to a bundle, the verifier answers with one of its causes: it never falls."""

import io
import json
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from runs.evidence.verifier.causes import Cause
from runs.evidence.verifier.policy import read_policy
from runs.evidence.verifier.verdict import as_json, in_words, verify_bundle
from tests.attacks.draft import Draft
from tests.attacks.story import NOW
from tests.attacks.trying import examined

LEAVES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@cache
def honest() -> bytes:
    return Draft().packed()


@cache
def trusted() -> bytes:
    return json.dumps(Draft().policy).encode()


def looked_at(content: bytes) -> Cause:
    verdict = verify_bundle(io.BytesIO(content), read_policy(trusted()), NOW)
    assert in_words(verdict).endswith("\n")
    assert json.loads(as_json(verdict))["code"] == verdict.cause
    return verdict.cause


def test_the_honest_bundle_holds() -> None:
    assert looked_at(honest()) == Cause.HOLDS


@given(st.data())
def test_a_flipped_byte_is_answered_with_a_cause(data: st.DataObject) -> None:
    content = bytearray(honest())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))

    assert looked_at(bytes(content)) in set(Cause)


@given(st.binary(max_size=400), st.integers(0, 10_000), st.booleans())
def test_bytes_put_in_or_cut_off_are_answered_with_a_cause(added: bytes, at: int, cut: bool) -> None:
    content = honest()

    changed = content[:at] + added + (b"" if cut else content[at:])

    assert (looked_at(changed) == Cause.HOLDS) == (changed == content)


@given(st.data())
def test_any_value_anywhere_in_a_signed_statement_is_answered_with_a_cause(data: st.DataObject) -> None:
    draft = Draft()
    place, name = _chosen(draft.statement, data)
    if data.draw(st.booleans()) and isinstance(place, dict):
        del place[name]
    else:
        place[name] = data.draw(VALUES)

    assert examined(draft).cause in set(Cause)


@given(st.dictionaries(st.sampled_from(["position", "proof", "record", "more"]), VALUES), VALUES)
def test_any_line_among_the_records_is_answered_with_a_cause(line: dict[str, Any], other: Any) -> None:
    draft = Draft()
    draft.parts["events.jsonl"] = json.dumps(line).encode() + b"\n"
    draft.parts["redactions.json"] = json.dumps(other).encode()
    draft.parts["disclosures.json"] = json.dumps([other]).encode()
    draft.parts["consistency.json"] = json.dumps({"old": other, "proof": other}).encode()

    assert examined(draft).cause in set(Cause) - {Cause.HOLDS}


@given(VALUES)
def test_any_record_that_is_logged_is_answered_with_a_cause(details: Any) -> None:
    draft = Draft()
    record = json.loads(draft.records[206]) | {"details": details}
    draft.records[206] = json.dumps(
        record, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()
    draft.checkpoint = draft.signed(300)
    draft.prove([event.position for event in draft.events])
    draft.state_events()

    assert examined(draft).cause in set(Cause) - {Cause.HOLDS}


def _chosen(value: Any, data: st.DataObject) -> tuple[Any, Any]:
    """Some place within a value: the object or list, and the name or index in it."""
    names: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
    name = data.draw(st.sampled_from(names))
    inside = value[name]
    if isinstance(inside, dict | list) and inside and data.draw(st.booleans()):
        return _chosen(inside, data)
    return value, name
