"""The passage that a search shows."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from runs.artifacts.words import folded
from runs.insight.passages import contains, passage

TEXTS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from(" \n\t_*ßİé\u0301ﬁ\u00ad\u2026\u201d"),
    max_size=200,
)


@given(TEXTS, st.data())
def test_the_marked_passage_is_the_fragment_as_it_was_written(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    fragment = folded(unicodedata.normalize("NFC", text)[start:end])
    body = text.encode()
    if not fragment or not contains(body, "text/plain", fragment):
        return
    found = passage(body, "text/plain", fragment)
    assert found is not None
    assert fragment in folded(found.match)
    whole = unicodedata.normalize("NFC", text)
    assert found.before.removeprefix("…") + found.match + found.after.removesuffix("…") in whole


def test_white_space_and_case_do_not_matter_and_the_original_is_shown() -> None:
    found = passage(b"We are\n\n  SORRY  that your card", "text/plain", folded("are sorry that"))
    assert found is not None
    assert (found.before, found.match, found.after) == ("We ", "are\n\n  SORRY  that", " your card")


def test_json_is_found_as_read_and_as_stored() -> None:
    body = b'{"label":"card dispute"}'
    for fragment in ("label card dispute", '{"label":"card', "card dispute"):
        assert passage(body, "application/json", folded(fragment)) is not None
    assert passage(body, "application/json", folded("card label")) is None


def test_what_an_editor_exchanged_is_shown_as_it_was_written() -> None:
    body = "We \u201capolo\u00adgise\u201d \u2013 **truly**, ﬁnally\u2026 Yours".encode()
    found = passage(body, "text/plain", folded('"apologise" - truly, finally'))
    assert found is not None
    assert (found.before, found.match) == ("We \u201c", "apolo\u00adgise\u201d \u2013 **truly**, ﬁnally")
