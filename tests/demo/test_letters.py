"""The twelve letters, and which release answers which of them."""

import pytest

from portal.demo.letters import all_letters, generations
from runs.functions.redaction import redact_personal_data


def test_there_are_twelve_short_letters_each_with_a_case_of_its_own() -> None:
    letters = all_letters()

    assert [letter.filename for letter in letters] == sorted(letter.filename for letter in letters)
    assert [letter.reference for letter in letters] == [f"CASE-{88_201 + n}" for n in range(12)]
    assert [letter.customer for letter in letters[:2]] == ["C-10417", "C-10471"]
    assert len({letter.customer for letter in letters}) == len(letters)
    for letter in letters:
        assert 1 <= len(letter.body.decode("utf-8").split()) <= 200, letter.filename


def test_one_letter_holds_what_must_be_redacted() -> None:
    found = [redact_personal_data(text=letter.body.decode())["found"] for letter in all_letters()]

    assert any({"card", "iban", "phone", "email"} <= set(kinds) for kinds in found)


@pytest.mark.parametrize(
    ("limit", "first", "second"), [(None, 4, 12), (1, 0, 1), (2, 0, 2), (3, 1, 2), (12, 4, 8)]
)
def test_a_limit_counts_the_runs_of_both_releases(limit: int | None, first: int, second: int) -> None:
    early, late = generations(all_letters(), limit)

    assert (len(early), len(late)) == (first, second)
    assert {letter.reference for letter in early} <= {letter.reference for letter in late}
