"""One value, one sequence of bytes, one digest."""

import json
import unicodedata
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import Invalid
from governance.ledger.canonical import DEEPEST, canonical, check_depth, sha256_hex

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
KEY = st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=20)
LEAF = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT
VALUE = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEY, inner, max_size=5), max_leaves=20
)


@given(VALUE)
def test_parsing_the_bytes_gives_the_value_back(value: Any) -> None:
    assert json.loads(canonical(value)) == value


@given(VALUE)
def test_the_bytes_of_the_parsed_bytes_are_the_same_bytes(value: Any) -> None:
    body = canonical(value)

    assert canonical(orjson.loads(body)) == body


@given(st.dictionaries(KEY, LEAF, min_size=2))
def test_the_order_in_which_keys_were_written_does_not_matter(value: dict[str, Any]) -> None:
    turned = dict(reversed(value.items()))

    assert sha256_hex(canonical(turned)) == sha256_hex(canonical(value))


def test_composed_and_decomposed_letters_stay_apart() -> None:
    composed, decomposed = unicodedata.normalize("NFC", "é"), unicodedata.normalize("NFD", "é")

    assert canonical(composed) != canonical(decomposed)


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ({"temperature": 0.2}, r"\$\.temperature is a number with a fraction"),
        ({"a": [1, float("nan")]}, r"\$\.a\[1\] is a number with a fraction"),
        (float("inf"), "is a number with a fraction"),
        (-0.0, "is a number with a fraction"),
        (2**53, "beyond 2\\^53"),
        (-(2**53), "beyond 2\\^53"),
        (10**400, "beyond 2\\^53"),
        ("half \ud83d", "half of a surrogate pair"),
        ("a\x00b", "NUL"),
        ({"é": 1}, "not plain ASCII"),
        ({1: "one"}, "not plain ASCII"),
        ({"a\x00": 1}, "not plain ASCII"),
        ({"when": object()}, "cannot be recorded: object"),
        (b"bytes", "cannot be recorded: bytes"),
    ],
)
def test_what_has_no_canonical_form_is_refused_by_its_place(value: Any, complaint: str) -> None:
    with pytest.raises(Invalid, match=complaint):
        canonical(value)


@pytest.mark.parametrize("deep", [DEEPEST + 1, 10_000])
def test_what_is_nested_too_deep_is_refused_without_exhausting_the_stack(deep: int) -> None:
    value: Any = "x"
    for _ in range(deep):
        value = [value]

    with pytest.raises(Invalid, match="nested more than"):
        canonical(value)
    with pytest.raises(Invalid, match="nested more than"):
        check_depth(value)


def test_the_largest_exact_numbers_are_accepted() -> None:
    assert canonical([2**53 - 1, -(2**53) + 1]) == b"[9007199254740991,-9007199254740991]"
