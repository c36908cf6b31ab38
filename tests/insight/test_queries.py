"""What the search box understands."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.insight.queries import LONGEST, understood

DIGEST = "4be90d1f" * 8
IDENTIFIER = UUID("0199f3c2-7d41-7000-8000-00000000a07c")


@pytest.mark.parametrize("written", [DIGEST, DIGEST.upper(), f"sha256:{DIGEST}", f"  SHA-256 {DIGEST}\n"])
def test_a_digest_is_one_however_it_is_written(written: str) -> None:
    assert understood(written).digest == DIGEST


@pytest.mark.parametrize(
    ("written", "starts", "ends"),
    [
        ("4be90d1f", "4be90d1f", ""),
        ("4be90d1f…a07c", "4be90d1f", "a07c"),
        ("4BE90D1F...A07C", "4be90d1f", "a07c"),
        ("0199f3c2-7d41-7", "0199f3c27d417", ""),
        ("4be90d1", "", ""),
        ("the card", "", ""),
        ("deadbeef and more", "", ""),
    ],
)
def test_a_shortened_identifier_or_digest_is_known_by_its_ends(written: str, starts: str, ends: str) -> None:
    found = understood(written)
    assert (found.starts, found.ends) == (starts, ends)


@pytest.mark.parametrize("written", [str(IDENTIFIER), IDENTIFIER.hex, str(IDENTIFIER).upper()])
def test_an_identifier_is_one_with_and_without_its_hyphens(written: str) -> None:
    assert understood(written).identifier == IDENTIFIER


@pytest.mark.parametrize(
    "written", ["complaint-reply v2", "complaint-reply@2", "complaint-reply V2", "complaint-reply version 2"]
)
def test_a_version_is_known_by_name_and_number(written: str) -> None:
    assert understood(written).version == ("complaint-reply", 2)


@given(st.text(max_size=2000))
def test_whatever_is_pasted_is_understood_as_something_short_and_storable(pasted: str) -> None:
    found = understood(pasted)
    assert len(found.text) <= LONGEST
    assert "\x00" not in found.text
    found.text.encode("utf-8")


@given(st.characters(categories=["Cs"]), st.sampled_from(["\x00", ""]))
def test_what_no_text_contains_is_left_out_and_the_rest_kept(half: str, nul: str) -> None:
    found = understood(f"the {half}{nul} card")
    assert (found.text, found.cleaned) == ("the card", True)


def test_a_long_paste_is_cut_at_a_word() -> None:
    found = understood("charged " * 30_000)
    assert found.shortened
    assert len(found.text) <= LONGEST
    assert set(found.text.split()) == {"charged"}
    assert len(understood("x" * 200_000).text) == LONGEST
