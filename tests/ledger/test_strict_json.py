"""Reading JSON: everything honest comes through unchanged, everything else is refused, and soon."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import Invalid
from governance.ledger.canonical import DEEPEST, LARGEST_EXACT_INTEGER
from governance.ledger.strict_json import MOST_VALUES, read_json
from tests.working import least_work

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
EXACT = st.integers(-LARGEST_EXACT_INTEGER, LARGEST_EXACT_INTEGER)
SCALARS = st.none() | st.booleans() | EXACT | TEXT | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=25,
)
SOON = 1.0

BAD = {
    "nested lists": b"[" * 10_000 + b"]" * 10_000,
    "nested objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "opened and never closed": b"[" * 200_000,
    "a million keys": b"{" + b",".join(b'"%d":0' % number for number in range(1_000_000)) + b"}",
    "a million values": b"[" + b"0," * 1_000_000 + b"0]",
    "doubled keys": b'{"a": 1, "a": 2}',
    "keys doubled by an escape": b'{"a": 1, "\\u0061": 2}',
    "NaN": b'{"a": NaN}',
    "Infinity": b"[-Infinity]",
    "10^400": b"[1e400]",
    "10^400 written out": b"[1" + b"0" * 400 + b"]",
    "a million digits": b"[" + b"9" * 1_000_000 + b"]",
    "beyond 2^53": b"[9007199254740992]",
    "half a surrogate pair": b'["\\ud800"]',
    "half a surrogate pair as a key": b'{"\\udfff": 1}',
    "the other half first": b'["\\udc00\\ud800"]',
    "encoded surrogate": b'["\xed\xa0\x80"]',
    "NUL": b'["\\u0000"]',
    "NUL as a key": b'{"\\u0000": 1}',
    "bare NUL": b'["\x00"]',
    "byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "Latin-1": b'["\xe9"]',
    "trailing comma": b"[1,]",
    "two values": b"{} {}",
    "comment": b"{} // no",
    "single quotes": b"{'a': 1}",
    "an endless string": b'["' + b"\\" * 300_001,
    "quotes and backslashes": b'["' + b'\\"' * 200_000,
    "nothing": b"",
}


def read(body: bytes | str) -> Any:
    """The value of a text that messages call "It"."""
    return read_json(body, what="It")


@given(VALUES)
def test_what_is_written_is_what_is_read(value: Any) -> None:
    for ascii_alone in (True, False):
        text = json.dumps(value, ensure_ascii=ascii_alone)
        assert read(text) == read(text.encode()) == value


@given(st.binary(max_size=200) | VALUES.map(lambda value: json.dumps(value).encode()[:-1]))
def test_whatever_the_bytes_they_are_read_as_others_read_them_or_refused(body: bytes) -> None:
    try:
        value = read(body)
    except Invalid:
        return
    assert json.loads(body) == orjson.loads(body) == value


@given(st.text(st.sampled_from('[]{}:,"\\0123456789.eE+-utnrlfas \ud800\x00é'), max_size=40))
def test_what_looks_like_json_is_read_as_others_read_it_or_refused(text: str) -> None:
    try:
        value = read(text)
    except Invalid as problem:
        refusal = problem.message.encode().decode()
    else:
        refusal = ""
        assert orjson.loads(text) == value
    assert refusal.startswith("It ") or not refusal


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_malformed_json_is_refused_in_words_within_a_second_of_work(body: bytes) -> None:
    def refused() -> None:
        with pytest.raises(Invalid, match=r"^It "):
            read(body)

    _, seconds = least_work(refused, enough=SOON)
    assert seconds < SOON


def test_the_bounds_themselves_are_still_allowed() -> None:
    read(b"[" * DEEPEST + b"]" * DEEPEST)
    read(b"{" + b",".join(b'"%d":0' % number for number in range(MOST_VALUES)) + b"}")
    read(b"[" + b"0," * MOST_VALUES + b"0]")
    assert read(str(LARGEST_EXACT_INTEGER)) == LARGEST_EXACT_INTEGER


def test_brackets_and_commas_within_a_text_are_text() -> None:
    text = '[{,:"\\' * 20_000
    assert read(json.dumps([text])) == [text]
