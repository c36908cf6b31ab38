"""The words of a text: found again by any piece of it."""

import orjson
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs.artifacts.words import folded, phrase_query, readable, text_vector, words

TEXTS = st.text(
    st.characters(categories=["L", "M", "N", "P", "S", "Zs"])
    | st.sampled_from(" \n\t'\\:&|!()日本語ไทยあア"),
    max_size=300,
)


def found(vector: str, query: str) -> bool:
    """Whether PostgreSQL finds the query in the vector."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsvector @@ %s::tsquery", [vector, query])
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS, st.data())
def test_any_piece_of_a_text_finds_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    piece = folded(text)[start:end]
    query = phrase_query(piece, whole_start=False)
    # A single half word without its beginning cannot be known by its words.
    if query and (len(words(piece)) > 1 or folded(text).startswith(piece)):
        assert found(text_vector(text.encode(), "text/plain"), query)


@pytest.mark.django_db
def test_a_fragment_with_half_words_at_both_ends_is_found() -> None:
    vector = text_vector(b"We are sorry that your card was charged twice on Monday.", "text/plain")
    assert found(vector, phrase_query("orry that your card was char", whole_start=False))
    assert not found(vector, phrase_query("orry that your card was char", whole_start=True))
    assert not found(vector, phrase_query("your card charged", whole_start=False))


@pytest.mark.django_db
@pytest.mark.parametrize("piece", ["カードが二重", "二重に", "請求", "求されました", "月曜日に カード"])
def test_scripts_without_spaces_are_found_by_a_few_characters(piece: str) -> None:
    vector = text_vector("月曜日に カードが二重に請求されました。".encode(), "text/plain")
    assert found(vector, phrase_query(piece, whole_start=False))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("stored", "pasted"),
    [
        ('We\'re sorry - the "final" fee...', "We\u2019re sorry \u2013 the \u201cfinal\u201d fee\u2026"),
        ("a fee of 25 euros", "a\u00a0fee of\u202f25\u2003euros"),
        ("we find the office", "we \ufb01nd the o\ufb03ce"),
        ("your complaint", "your com\u00adplaint\u200b"),
        ("Dear customer, your card was charged", "> **Dear customer**,  \n> your _card_ was `charged`"),
        ("within five working days", "within five\r\nworking days"),
        ("the draft_reply step", "the draft_reply step"),
    ],
)
def test_how_an_editor_writes_the_same_words_does_not_matter(stored: str, pasted: str) -> None:
    for kept, asked in ((stored, pasted), (pasted, stored)):
        assert folded(kept) == folded(asked)
        assert found(text_vector(kept.encode(), "text/plain"), phrase_query(asked, whole_start=True))


@pytest.mark.django_db
def test_the_end_of_a_very_long_text_is_found_too() -> None:
    text = "the card was charged " * 9_000 + "and the harbour froze"
    vector = text_vector(text.encode(), "text/plain")
    assert found(vector, phrase_query("and the harbour froze", whole_start=True))
    assert not found(vector, phrase_query("and the harbour burned", whole_start=True))


@pytest.mark.django_db
def test_a_text_of_a_million_different_words_still_makes_a_vector() -> None:
    text = " ".join(f"word{number}" for number in range(200_000))
    vector = text_vector(text.encode(), "text/plain")
    assert found(vector, phrase_query("word0 word1", whole_start=True))


def test_json_is_read_without_its_marks() -> None:
    body = orjson.dumps({"label": "card dispute", "found": {"cards": 1}, "lines": ["one\ntwo", True, None]})
    assert words(readable(body, "application/json")) == [
        "label", "card", "dispute", "found", "cards", "1", "lines", "one", "two", "true", "null",
    ]  # fmt: skip
    assert readable(b"[" * 900 + b'"deep"' + b"]" * 900, "application/json") == "deep"
    assert readable(b"{no json", "application/json") == "{no json"


@given(text=st.text(alphabet=" aZ09__-.'\\\n\x00", max_size=30))
def test_plain_letters_have_the_words_that_they_have_beside_others(text: str) -> None:
    unseen = "\u00ad"  # a soft hyphen has no shape, so it changes no word
    assert words(text) == words(text + unseen)


@pytest.mark.django_db
def test_a_word_is_found_at_each_of_its_places() -> None:
    vector = text_vector(b"Sorry, we are very, very sorry: that was a very bad day.", "text/plain")
    for phrase in ("sorry we are", "very very sorry", "a very bad", "very sorry that"):
        assert found(vector, phrase_query(phrase, whole_start=True))
    assert not found(vector, phrase_query("very very very", whole_start=True))
