"""Signed notes: what is published verifies, and a checkpoint is read in its one form only."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from governance.merkle.errors import KeyUnknown, NoteMalformed, SignatureInvalid
from governance.merkle.keys import COSIGNATURE, ED25519, Key, key_of, parse_vkey, to_base64
from governance.merkle.note import LARGEST_NOTE, Note, body, line_of, parse, parse_line, sign, verify
from tests.merkle.signers import (
    C2SP_KEY,
    C2SP_LINE,
    C2SP_TEXT,
    GO_KEY,
    GO_LINE,
    GO_SEED,
    GO_TEXT,
    LOG,
    NOTE,
    ORIGIN,
    OTHER,
    PUBLIC_LOG,
    PUBLIC_NOTE,
    log_key,
    witness_key,
)

SIGNED = sign(LOG, NOTE)
ROOT_LINE = to_base64(NOTE.root)
LINE = SIGNED.split(b"\n\n")[1]


@pytest.mark.parametrize(
    ("vkey", "line", "text"), [(GO_KEY, GO_LINE, GO_TEXT), (C2SP_KEY, C2SP_LINE, C2SP_TEXT)]
)
def test_published_signatures_verify(vkey: str, line: bytes, text: bytes) -> None:
    key = parse_vkey(vkey)
    signature = parse_line(line)

    key.check(signature.signed, text)

    assert (signature.name, signature.key_id, line_of(signature)) == (key.name, key.key_id, line)
    with pytest.raises(SignatureInvalid):
        key.check(signature.signed, text + b"\n")


def test_a_signature_is_the_published_one_byte_for_byte() -> None:
    private = Ed25519PrivateKey.from_private_bytes(GO_SEED)
    key = key_of("PeterNeumann", private.public_key().public_bytes_raw())

    assert key.vkey == GO_KEY
    assert private.sign(GO_TEXT) == parse_line(GO_LINE).signed


def test_a_checkpoint_of_a_public_log_is_read_and_verified() -> None:
    signed = parse(PUBLIC_NOTE)

    assert verify(signed, [PUBLIC_LOG]) == [PUBLIC_LOG]
    assert (signed.note.size, len(signed.signatures)) == (1_432_088_532, 6)
    assert body(signed.note) + b"\n" + b"".join(map(line_of, signed.signatures)) == PUBLIC_NOTE


def test_a_checkpoint_is_three_lines_a_blank_one_and_the_logs_signature() -> None:
    key = log_key()

    assert body(NOTE) == f"{ORIGIN}\n5\n{ROOT_LINE}\n".encode()
    assert SIGNED.startswith(body(NOTE) + f"\n\u2014 {ORIGIN} ".encode())
    assert parse(SIGNED).note == NOTE
    assert verify(parse(SIGNED), [log_key(OTHER), key]) == [key]


def test_lines_by_others_do_not_hinder_and_do_not_help() -> None:
    stranger = sign(OTHER, NOTE).split(b"\n\n")[1]

    assert verify(parse(SIGNED + stranger + GO_LINE), [log_key()]) == [log_key()]
    with pytest.raises(KeyUnknown):
        verify(parse(body(NOTE) + b"\n" + stranger + GO_LINE), [log_key()])
    with pytest.raises(KeyUnknown):
        verify(parse(SIGNED), [])


def test_two_keys_of_one_log_may_both_sign() -> None:
    both = parse(SIGNED + sign(OTHER, NOTE).split(b"\n\n")[1] + LINE)

    assert verify(both, [log_key(OTHER), log_key()]) == [log_key(), log_key(OTHER)]


def test_a_key_speaks_for_its_own_origin_only() -> None:
    """The same private key signs the logs of all organisations: its names keep them apart."""
    elsewhere = "countersign.example/rival"
    borrowed = replace(NOTE, origin=elsewhere)
    own = key_of(ORIGIN, LOG.public_key().public_bytes_raw())
    line = line_of(replace(parse_line(LINE), signed=LOG.sign(body(borrowed))))

    with pytest.raises(KeyUnknown):
        verify(parse(body(borrowed) + b"\n" + line), [own])
    with pytest.raises(SignatureInvalid):
        verify(replace(parse(SIGNED), note=replace(NOTE, size=6)), [own])
    with pytest.raises(KeyUnknown):
        verify(parse(SIGNED), [witness_key(LOG, ORIGIN)])


def test_a_witness_key_does_not_speak_for_a_log_whatever_it_signed() -> None:
    key = witness_key(LOG, ORIGIN)
    line = line_of(replace(parse_line(LINE), key_id=key.key_id))

    with pytest.raises(KeyUnknown):
        verify(parse(body(NOTE) + b"\n" + line), [key])


@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_a_note_with_any_byte_changed_is_not_verified(at: int, by: int) -> None:
    changed = bytearray(SIGNED)
    changed[at] ^= by

    with pytest.raises((NoteMalformed, KeyUnknown, SignatureInvalid)):
        verify(parse(bytes(changed)), [log_key()])


@given(st.binary(max_size=300))
def test_garbage_is_no_note(content: bytes) -> None:
    for wrong in (content, SIGNED + content[:1] + b"x", body(NOTE) + content):
        with pytest.raises(NoteMalformed):
            parse(wrong)


@given(st.text(max_size=300))
def test_what_is_read_is_what_would_be_written(text: str) -> None:
    """Whatever stands for the origin and the name: one reading, or none."""
    content = f"{text}\n5\n{ROOT_LINE}\n\n\u2014 {text} {to_base64(b'x' * 68)}\n".encode()
    try:
        signed = parse(content)
    except NoteMalformed:
        return
    assert (signed.note.origin, signed.signatures[0].name) == (text, text)
    assert body(signed.note) + b"\n" + line_of(signed.signatures[0]) == content


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "leading zero": lambda note: note.replace(b"\n5\n", b"\n05\n"),
    "sign": lambda note: note.replace(b"\n5\n", b"\n+5\n"),
    "not ASCII": lambda note: note.replace(b"\n5\n", "\n\u0665\n".encode()),
    "negative": lambda note: note.replace(b"\n5\n", b"\n-5\n"),
    "too large": lambda note: note.replace(b"\n5\n", b"\n9223372036854775808\n"),
    "endless": lambda note: note.replace(b"\n5\n", b"\n" + b"5" * 5000 + b"\n"),
    "no size": lambda note: note.replace(b"\n5\n", b"\n\n"),
    "extension line": lambda note: note.replace(b"\n\n", b"\nmore\n\n"),
    "two lines": lambda note: note.replace(b"\n5\n", b"\n"),
    "a second blank line": lambda note: note.replace(b"\n\n", b"\n\n\n"),
    "a blank line at the end": lambda note: note + b"\n",
    "no newline at the end": lambda note: note[:-1],
    "carriage returns": lambda note: note.replace(b"\n", b"\r\n"),
    "tabulator": lambda note: note.replace(b"\n5\n", b"\n5\t\n"),
    "NUL": lambda note: note.replace(b"northwind\n", b"northwind\x00\n", 1),
    "line separator": lambda note: note.replace(b"northwind\n", "northwind\u2028\n".encode(), 1),
    "not UTF-8": lambda note: note.replace(b"northwind\n", b"northwind\xff\n", 1),
    "half a surrogate pair": lambda note: note.replace(b"northwind\n", b"northwind\xed\xa0\x80\n", 1),
    "byte order mark": lambda note: b"\xef\xbb\xbf " + note,
    "empty origin": lambda note: note.replace(ORIGIN.encode(), b"", 1),
    "origin with a plus": lambda note: note.replace(ORIGIN.encode(), b"a+b", 1),
    "origin with a space": lambda note: note.replace(ORIGIN.encode(), b"a b", 1),
    "long origin": lambda note: note.replace(ORIGIN.encode(), b"a" * 256, 1),
    "short root": lambda note: note.replace(ROOT_LINE.encode(), to_base64(NOTE.root[:31]).encode()),
    "root without padding": lambda note: note.replace(ROOT_LINE.encode(), ROOT_LINE.encode()[:-1]),
    "no signature": lambda note: note.split(b"\n\n")[0] + b"\n\n",
    "no blank line": lambda note: note.replace(b"\n\n", b"\n"),
    "hyphen for a dash": lambda note: note.replace("\u2014".encode(), b"-"),
    "two spaces": lambda note: note.replace(b"northwind ", b"northwind  "),
    "no name": lambda note: note.replace(f"\u2014 {ORIGIN}".encode(), "\u2014 ".encode()),
    "identifier alone": lambda note: body(NOTE) + f"\n\u2014 {ORIGIN} {to_base64(b'abcd')}\n".encode(),
    "seventeen signatures": lambda note: note + LINE * 16,
    "too large a note": lambda note: note + line_of(replace(parse_line(LINE), signed=b"x" * LARGEST_NOTE)),
    "nothing": lambda note: b"",
}


@pytest.mark.parametrize("wrong", SPOILT)
def test_a_note_in_another_form_is_refused(wrong: str) -> None:
    content = SPOILT[wrong](SIGNED)

    assert content != SIGNED
    with pytest.raises(NoteMalformed):
        parse(content)


def test_sixteen_signatures_are_read() -> None:
    assert len(parse(SIGNED + LINE * 15).signatures) == 16


def test_base64_with_stray_bits_is_refused() -> None:
    """The last letter before the padding has bits that nobody reads: there is one way to write a root."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = ROOT_LINE[-2]
    other = ROOT_LINE[:-2] + letters[letters.index(last) ^ 1] + "="

    with pytest.raises(NoteMalformed, match="one form"):
        parse(SIGNED.replace(ROOT_LINE.encode(), other.encode()))


@pytest.mark.parametrize(
    "changed", [{"size": -1}, {"size": 2**63}, {"root": b"x" * 31}, {"origin": "\ud800"}]
)
def test_what_cannot_be_written_is_no_note(changed: dict[str, object]) -> None:
    facts = {"origin": ORIGIN, "size": 5, "root": NOTE.root} | changed

    with pytest.raises(NoteMalformed):
        Note(**facts)  # type: ignore[arg-type]


@given(
    st.text(min_size=1, max_size=40),
    st.sampled_from([ED25519, COSIGNATURE]),
    st.binary(min_size=32, max_size=32),
)
def test_a_verifier_key_is_read_as_it_was_written(name: str, kind: int, public: bytes) -> None:
    try:
        key = Key(name, kind, public)
    except NoteMalformed:
        return
    assert parse_vkey(key.vkey) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        GO_KEY.replace("c74f20a3", "c74f20a4"),
        GO_KEY.replace("c74f20a3", "C74F20A3"),
        GO_KEY.replace("PeterNeumann", "Peter Neumann"),
        GO_KEY.replace("PeterNeumann", "PeterNeuman"),
        GO_KEY + "=",
        GO_KEY[:-4],
        GO_KEY.replace("+AR", "+BR"),
        "PeterNeumann+c74f20a3+",
        " " + GO_KEY,
        GO_KEY + "\n",
    ],
)
def test_a_verifier_key_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(NoteMalformed):
        parse_vkey(text)
