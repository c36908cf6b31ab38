"""Text that people hand in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import Invalid
from governance.ledger.text import printable, slug, storable, unstorable


@given(st.text())
def test_what_is_storable_is_what_utf8_without_nul_can_hold(text: str) -> None:
    try:
        text.encode()
        holds = "\x00" not in text
    except UnicodeEncodeError:
        holds = False

    assert (unstorable(text) == "") is holds


def test_the_complaint_names_the_field() -> None:
    with pytest.raises(Invalid) as refused:
        storable("x" * 11, field="reason", longest=10)

    assert refused.value.fields == {"reason": "The reason may have 10 characters; this has 11."}


def test_blanks_alone_are_nothing() -> None:
    with pytest.raises(Invalid, match="Say why"):
        storable(" \n\t ", field="reason", longest=10, missing="Say why.")
    assert storable(" \n\t ", field="reason", longest=10) == ""


@pytest.mark.parametrize(
    "wrong",
    ["Ines\u202erednaC", "Ines\nApproved", "Ines\x1b[2J", "Ines\u2028", "\u200fInes", "Ines\u2066", "I\x85C"],
)
def test_a_name_is_one_line_that_reads_as_it_is_written(wrong: str) -> None:
    with pytest.raises(Invalid, match="breaks the line or turns"):
        printable(wrong + "x", longest=20, missing="A name is needed.")


@pytest.mark.parametrize("right", ["Zoë O'Brien-Łuczak", "שרה לוי", "محمد", "क्\u200dष", "山田 太郎"])
def test_a_name_may_be_of_any_script(right: str) -> None:
    assert printable(f" {right}\n", longest=20, missing="A name is needed.") == right


@pytest.mark.parametrize("wrong", ["", "with space", "ümlaut", "a/b", "a\n", "../up", "x" * 41, "\x00"])
def test_a_slug_is_plain(wrong: str) -> None:
    with pytest.raises(Invalid):
        slug(wrong, longest=40)


def test_a_plain_slug_passes() -> None:
    assert slug("Complaint-reply_2", longest=40) == "Complaint-reply_2"
