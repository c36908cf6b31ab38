"""Texts compared line by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.web.differences import Budget, Difference, compare, side_by_side
from governance.web.words import marked
from tests.working import least_work

texts = st.lists(st.sampled_from(["a", "b", "c", "", "a longer line", "x {y}"]), max_size=40).map("\n".join)
MEGABYTES = 5_000_000


@given(texts, texts)
def test_what_is_neither_removed_nor_added_is_the_same_text(old: str, new: str) -> None:
    found = compare(old, new)
    removed = {row.old for row in found.rows if row.kind == "rem"}
    added = {row.new for row in found.rows if row.kind == "add"}
    before, after = (text.split("\n") if text else [] for text in (old, new))
    kept = [line for number, line in enumerate(before, 1) if number not in removed]
    assert kept == [line for number, line in enumerate(after, 1) if number not in added]
    assert found.changed == (old != new)


@given(texts, texts)
def test_every_row_carries_its_own_line(old: str, new: str) -> None:
    for row in compare(old, new).rows:
        said = "".join(part.text for part in row.parts)
        if row.old is not None:
            assert said == old.split("\n")[row.old - 1]
        if row.new is not None:
            assert said == new.split("\n")[row.new - 1]


@given(texts, texts)
def test_side_by_side_shows_every_row_once_in_order(old: str, new: str) -> None:
    found = compare(old, new)
    pairs = side_by_side(found)
    assert [left for left, _ in pairs if left and left.kind == "rem"] == [
        r for r in found.rows if r.kind == "rem"
    ]
    assert [right for _, right in pairs if right and right.kind == "add"] == [
        r for r in found.rows if r.kind == "add"
    ]


def test_words_that_went_and_came_are_marked() -> None:
    gone, came = marked("Apologise and promise a refund.", "Apologise and state a refund.")
    assert [part.text for part in gone if part.mark == "del"] == ["promise"]
    assert [part.text for part in came if part.mark == "ins"] == ["state"]


def test_lines_with_little_in_common_are_not_marked_word_by_word() -> None:
    gone, came = marked("alpha beta gamma", "one two three four five six")
    assert [part.mark for part in (*gone, *came)] == ["", ""]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("At most five sentences. Sign as the bank.", "At most three sentences.\nSign as the bank."),
        ("At most five sentences.\nSign as the bank.", "At most three sentences. Sign as the bank."),
        ("Be polite. At most five\nsentences.", "Be polite. At\nmost three sentences."),
    ],
    ids=["split", "joined", "wrapped anew"],
)
def test_a_changed_word_is_marked_though_its_line_was_split_or_joined(old: str, new: str) -> None:
    found = compare(old, new)
    assert [p.text for r in found.rows if r.kind == "rem" for p in r.parts if p.mark == "del"] == ["five"]
    assert [p.text for r in found.rows if r.kind == "add" for p in r.parts if p.mark == "ins"] == ["three"]


def test_far_equal_lines_become_a_gap_that_counts_them() -> None:
    found = compare("\n".join("abcdefghijk"), "\n".join("abcdefghijz"))
    assert [row.kind for row in found.rows] == ["gap", "same", "same", "same", "rem", "add"]
    assert found.rows[0].parts[0].text == "7 unchanged lines"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a" * MEGABYTES, "b" * MEGABYTES),
        ("x\n" * (MEGABYTES // 2), "y\n" + "x\n" * (MEGABYTES // 2 - 2)),
        ("ab\nba\n" * 300_000, "ba\nab\nba\n" * 200_000),
        ("\n".join(map(str, range(250_000))), "\n".join(map(str, range(250_000, 0, -1)))),
        ("\n".join(f"l{n}\nx" for n in range(150_000)), "\n".join(f"l{n}\ny" for n in range(150_000))),
        ("\n".join("ab " * 53 for _ in range(140)), "\n".join("ba " * 53 for _ in range(140))),
    ],
    ids=["one line", "one letter", "two lines", "reversed", "anchored", "words"],
)
def test_two_hostile_texts_are_answered_within_two_seconds_of_work(old: str, new: str) -> None:
    def compared() -> Difference:
        found = compare(old, new)
        side_by_side(found)
        return found

    found, seconds = least_work(compared, enough=2)
    assert seconds < 2
    assert found.changed
    assert len(found.rows) <= 1_500


def test_a_page_of_hostile_messages_is_answered_within_two_seconds_of_work() -> None:
    old = "\n".join(f"l{n}\n" + "ab " * 53 for n in range(1_200))
    new = "\n".join(f"l{n}\n" + "ba " * 53 for n in range(1_200))
    alone = compare(old, new)

    def page() -> list[Difference]:
        budget = Budget()
        return [compare(old, new, budget) for _ in range(20)]

    found, seconds = least_work(page, enough=2)
    assert seconds < 2
    assert found[0] == alone
    assert sum(len(one.rows) for one in found) == 1_500
    assert all(one.cut and one.changed for one in found)


def test_texts_beyond_all_measure_are_only_said_to_differ() -> None:
    found = compare("a" * 2_000_001, "b")
    assert (found.changed, found.cut, found.rows) == (True, True, ())
    assert not compare("a" * 2_000_001, "a" * 2_000_001).changed
