"""Bytes are checked before they are stored, stored once, and checked again when they are taken out."""

import hashlib

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from governance.accounts.models import Organisation
from governance.errors import Invalid
from governance.ledger.text import unstorable
from runs.artifacts.models import Artifact, ArtifactText, artifact_id
from runs.artifacts.opening import ArtifactDamaged, bytes_of, intact
from runs.artifacts.store import (
    JSON,
    OCTETS,
    TEXT,
    Content,
    as_text,
    checked,
    keep,
    ready,
    value_of,
)
from tests.factories.cast import Company


def text(body: bytes | str) -> Content:
    """Checked text."""
    return checked(body, media_type=TEXT, max_bytes=1000, what="The letter")


def store(contents: list[Content], organisation: Organisation) -> None:
    """Written as by the start of a run."""
    keep(ready(contents, organisation=organisation.pk), organisation=organisation.pk)


@given(st.text(min_size=1, max_size=100).filter(lambda drawn: "\x00" not in drawn))
def test_text_comes_back_as_it_went_in(drawn: str) -> None:
    content = text(drawn)

    assert content.body.decode() == drawn
    assert content.sha256 == hashlib.sha256(drawn.encode()).hexdigest()
    assert value_of(content.body, TEXT) == drawn.removeprefix("\ufeff")


@given(st.binary(max_size=60))
def test_any_bytes_are_either_text_or_refused(drawn: bytes) -> None:
    fit = bool(drawn) and b"\x00" not in drawn and drawn.decode("utf-8", "ignore").encode() == drawn
    if fit:
        assert text(drawn).body == drawn
        assert unstorable(drawn.decode()) == ""
    else:
        with pytest.raises(Invalid, match=r"^The letter "):
            text(drawn)


def test_contents_are_kept_once_in_each_organisation(northwind: Company, rival: Company) -> None:
    content = text("the same")

    for organisation in (northwind.organisation, northwind.organisation, rival.organisation):
        store([content, content], organisation)

    stored = Artifact.objects.filter(sha256=content.sha256)
    assert {found.organisation_id for found in stored} == {northwind.organisation.pk, rival.organisation.pk}
    assert {found.pk for found in stored} == {
        artifact_id(organisation.pk, content.sha256, TEXT)
        for organisation in (northwind.organisation, rival.organisation)
    }
    assert ArtifactText.objects.count() == 2


def test_octets_are_kept_without_words(northwind: Company) -> None:
    store([Content(b"\x00\xff", OCTETS)], northwind.organisation)

    assert bytes_of(Artifact.objects.get()) == b"\x00\xff"
    assert not ArtifactText.objects.exists()


def test_odd_words_are_indexed_without_complaint(northwind: Company) -> None:
    odd = ["'", "\\", "a'b\\c", "x" * 1000, "日本語", "ñ\u0301", "😀 \u2028 :*&|!<->()", "1e400 -0"]

    store([text(part) for part in odd], northwind.organisation)
    long = checked(" ".join(f"w{n}" for n in range(60_000)), media_type=TEXT, max_bytes=10**6, what="It")
    store([long], northwind.organisation)

    assert ArtifactText.objects.count() == len(odd) + 1


def test_stored_bytes_cannot_be_changed_and_altered_ones_are_found(northwind: Company) -> None:
    store([text("true")], northwind.organisation)
    artifact = Artifact.objects.get()
    assert bytes_of(artifact) == b"true"

    with pytest.raises(DatabaseError, match="only ever inserted"), transaction.atomic():
        artifact.save()
    with pytest.raises(DatabaseError, match="only ever inserted"), transaction.atomic():
        Artifact.objects.update(inline=b"false")
    artifact.inline = b"false"
    with pytest.raises(ArtifactDamaged, match="it was altered"):
        bytes_of(artifact)


def test_intact_gives_back_the_very_bytes() -> None:
    assert intact(b"x", hashlib.sha256(b"x").hexdigest()) == b"x"


def test_the_same_bytes_as_text_and_as_json_are_two_artifacts(northwind: Company) -> None:
    body = b'{"label":"fees"}'

    store([Content(body, TEXT), Content(body, JSON), Content(body, OCTETS)], northwind.organisation)

    stored = {found.media_type: found for found in Artifact.objects.all()}
    assert {bytes_of(found) for found in stored.values()} == {body}
    assert value_of(body, stored[TEXT].media_type) == '{"label":"fees"}'
    assert value_of(body, stored[JSON].media_type) == {"label": "fees"}
    assert set(stored) == {TEXT, JSON, OCTETS}


@pytest.mark.parametrize(
    ("value", "words"),
    [("text", "text"), (True, "true"), (3, "3"), (None, "null"), ({"b": 1, "a": "ñ"}, '{"a":"ñ","b":1}')],
)
def test_values_become_text_in_one_way(value: object, words: str) -> None:
    assert as_text(value) == words


def test_json_is_read_as_its_value() -> None:
    content = checked(b' {"a": 0.5}', media_type=JSON, max_bytes=100, what="It")

    assert value_of(content.body, JSON) == {"a": 0.5}


@pytest.mark.parametrize(
    "body", [b"{", b'{"a": 1, "a": 2}', b"[NaN]", b'["\\u0000"]', b"[" * 200 + b"]" * 200]
)
def test_json_that_two_readers_could_read_differently_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid, match=r"^It "):
        checked(body, media_type=JSON, max_bytes=1000, what="It")
