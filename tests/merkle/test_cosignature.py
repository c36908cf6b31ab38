"""What a witness says: which checkpoint it saw, and when."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.merkle.cosignature import FUTURE_SECONDS, cosign, cosigned, verify_cosignature
from governance.merkle.errors import KeyUnknown, NoteMalformed, SignatureInvalid, SignedInFuture
from governance.merkle.keys import COSIGNATURE
from governance.merkle.note import body, line_of, parse, parse_line, sign, verify
from tests.merkle.signers import (
    LOG,
    NOTE,
    OTHER,
    PUBLIC_LOG,
    PUBLIC_NOTE,
    PUBLIC_TIME,
    PUBLIC_WITNESSES,
    WITNESS,
    WITNESS_NAME,
    log_key,
    witness_key,
)

AT = 1_790_000_000
LINE = cosign(WITNESS, WITNESS_NAME, NOTE, AT)


def test_published_cosignatures_verify() -> None:
    signed = parse(PUBLIC_NOTE)

    assert cosigned(signed, PUBLIC_WITNESSES, PUBLIC_TIME) == dict.fromkeys(PUBLIC_WITNESSES, PUBLIC_TIME)
    with pytest.raises(SignatureInvalid):
        cosigned(replace(signed, note=replace(signed.note, size=42)), PUBLIC_WITNESSES, PUBLIC_TIME)


def test_what_is_signed_is_the_time_and_the_note() -> None:
    signature = parse_line(LINE)

    assert signature.signed[:8] == AT.to_bytes(8, "big")
    witness_key().check(signature.signed[8:], b"cosignature/v1\ntime %d\n" % AT + body(NOTE))
    assert verify_cosignature(LINE, witness_key(), NOTE, AT) == AT


def test_a_cosignature_is_of_one_note_by_one_witness() -> None:
    with pytest.raises(SignatureInvalid):
        verify_cosignature(LINE, witness_key(), replace(NOTE, size=6), AT)
    with pytest.raises(SignatureInvalid):
        verify_cosignature(LINE, witness_key(), replace(NOTE, origin="countersign.example/rival"), AT)
    for other in (witness_key(OTHER), witness_key(name="witness.example/w2"), log_key(WITNESS, WITNESS_NAME)):
        with pytest.raises(KeyUnknown):
            verify_cosignature(LINE, other, NOTE, AT)


def test_a_logs_signature_is_no_cosignature_and_none_is_a_logs() -> None:
    """One private key in both parts: the identifiers differ, and so do the signed bytes."""
    own = parse_line(sign(LOG, NOTE).split(b"\n\n")[1])
    as_witness = witness_key(LOG, NOTE.origin)
    disguised = line_of(replace(own, key_id=as_witness.key_id, signed=AT.to_bytes(8) + own.signed))

    with pytest.raises(SignatureInvalid):
        verify_cosignature(disguised, as_witness, NOTE, AT)
    saw = cosign(LOG, NOTE.origin, NOTE, AT)
    with pytest.raises(KeyUnknown):
        verify_cosignature(line_of(replace(parse_line(saw), key_id=own.key_id)), log_key(), NOTE, AT)
    with pytest.raises(KeyUnknown):
        verify(parse(body(NOTE) + b"\n" + saw), [log_key()])


def test_a_time_far_ahead_is_refused() -> None:
    assert verify_cosignature(LINE, witness_key(), NOTE, AT - FUTURE_SECONDS) == AT
    with pytest.raises(SignedInFuture, match="301 seconds"):
        verify_cosignature(LINE, witness_key(), NOTE, AT - FUTURE_SECONDS - 1)
    with pytest.raises(SignedInFuture):
        cosigned(parse(sign(LOG, NOTE) + LINE), [witness_key()], 0)


@pytest.mark.parametrize("at", [-1, 2**63])
def test_a_time_that_cannot_be_is_not_signed(at: int) -> None:
    with pytest.raises(NoteMalformed):
        cosign(WITNESS, WITNESS_NAME, NOTE, at)


def test_a_signed_time_beyond_the_format_is_refused() -> None:
    time = 2**63
    signed = time.to_bytes(8) + WITNESS.sign(b"cosignature/v1\ntime %d\n" % time + body(NOTE))
    line = line_of(replace(parse_line(LINE), signed=signed))

    with pytest.raises(SignatureInvalid):
        verify_cosignature(line, witness_key(), NOTE, time)


@given(st.integers(4, 75), st.integers(1, 255))
def test_a_cosignature_with_any_byte_changed_is_refused(at: int, by: int) -> None:
    signature = parse_line(LINE)
    signed = bytearray(signature.signed)
    signed[at - 4] ^= by

    with pytest.raises(SignatureInvalid):
        verify_cosignature(line_of(replace(signature, signed=bytes(signed))), witness_key(), NOTE, 2**63)


@given(st.binary(max_size=200).filter(lambda content: content != b"\n"))
def test_garbage_is_no_cosignature(content: bytes) -> None:
    for wrong in (content, LINE[:-1] + content, LINE + content + b"\n"):
        with pytest.raises((NoteMalformed, SignatureInvalid)):
            verify_cosignature(wrong, witness_key(), NOTE, AT)


@given(st.integers(1, 71))
def test_a_cosignature_that_is_cut_off_is_refused(length: int) -> None:
    signature = parse_line(LINE)

    with pytest.raises(SignatureInvalid):
        verify_cosignature(
            line_of(replace(signature, signed=signature.signed[:length])), witness_key(), NOTE, AT
        )


def test_each_trusted_witness_counts_once_with_its_last_time() -> None:
    second = witness_key(OTHER, "witness.example/w2")
    lines = LINE + cosign(WITNESS, WITNESS_NAME, NOTE, AT + 1) + LINE + cosign(OTHER, second.name, NOTE, AT)
    signed = parse(sign(LOG, NOTE) + lines)

    assert cosigned(signed, [witness_key()], AT) == {witness_key(): AT + 1}
    assert cosigned(signed, [witness_key(), second, second], AT) == {witness_key(): AT + 1, second: AT}
    assert cosigned(parse(sign(LOG, NOTE)), [witness_key(), second], AT) == {}
    assert verify(signed, [log_key()]) == [log_key()]


def test_one_key_under_two_names_does_not_make_two_witnesses() -> None:
    twice = [witness_key(), witness_key(name="witness.example/w2")]
    lines = LINE + cosign(WITNESS, "witness.example/w2", NOTE, AT)

    with pytest.raises(NoteMalformed, match="same key"):
        cosigned(parse(sign(LOG, NOTE) + lines), twice, AT)


def test_a_logs_key_among_the_witnesses_counts_for_nothing() -> None:
    assert cosigned(parse(PUBLIC_NOTE), [PUBLIC_LOG], PUBLIC_TIME) == {}
    assert witness_key().kind == COSIGNATURE
