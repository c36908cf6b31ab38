"""What a witness cosigns, and with which status it refuses the rest."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import WrongState
from governance.merkle.asking import LARGEST_ASKED, written
from governance.merkle.cosignature import verify_cosignature
from governance.merkle.note import Note, parse, sign
from governance.merkle.tiles import consistency_proof
from governance.merkle.tree import EMPTY_ROOT
from governance.witness.judging import Answer, Trusted, Witness
from governance.witness.remembering import SEEN, Seen, held
from tests.merkle.signers import LOG, ORIGIN, OTHER, WITNESS, WITNESS_NAME, log_key, witness_key
from tests.witness.logs import MemoryLog

AT = 1_790_000_000
HONEST = MemoryLog(40)
FORKED = MemoryLog(40, fork=5)


def judge(folder: Path, trusted: Trusted | None = None) -> Witness:
    folder.mkdir(exist_ok=True)
    known = trusted or Trusted([log_key()])
    return Witness(WITNESS, WITNESS_NAME, trusted=known, seen=Seen(folder), clock=lambda: AT + 0.9)


def conflict(size: int) -> Answer:
    return Answer(409, b"%d\n" % size, "text/x.tlog.size")


def test_what_continues_all_that_it_saw_is_cosigned(tmp_path: Path) -> None:
    known = judge(tmp_path)
    old = 0
    for new in (1, 8, 8, 39, 40):
        status, line, _ = known.answer(HONEST.asks(old, new))
        assert status == 200
        note = Note(ORIGIN, new, HONEST.root(new))
        assert verify_cosignature(line, witness_key(), note, AT) == AT
        old = new
    assert known.vkey == witness_key().vkey


def test_a_fork_is_never_cosigned(tmp_path: Path) -> None:
    known = judge(tmp_path)
    assert known.answer(HONEST.asks(0, 10)).status == 200

    assert known.answer(FORKED.asks(10, 10)) == conflict(10)  # another root at the same size
    assert known.answer(FORKED.asks(10, 12)).status == 422
    assert known.answer(FORKED.asks(0, 12)) == conflict(10)
    assert known.answer(HONEST.asks(5, 8)) == conflict(10)  # a rollback
    assert known.answer(HONEST.asks(10, 12)).status == 200


def test_what_is_asked_from_a_size_that_it_did_not_see_is_told_the_one_that_it_saw(tmp_path: Path) -> None:
    known = judge(tmp_path)

    assert known.answer(HONEST.asks(3, 10)) == conflict(0)
    assert known.answer(HONEST.asks(0, 10)).status == 200
    assert known.answer(HONEST.asks(3, 10)) == conflict(10)


def test_another_proof_than_the_one_is_refused(tmp_path: Path) -> None:
    known = judge(tmp_path)
    proof = consistency_proof(HONEST.tiles, 5, 10)
    assert known.answer(written(0, proof, HONEST.note(10))).status == 422  # from nothing on, there is none
    assert known.answer(HONEST.asks(0, 5)).status == 200

    for other in ([], proof[1:], [*proof, bytes(32)], [bytes(32), *proof[1:]]):
        assert known.answer(written(5, other, HONEST.note(10))).status == 422
    assert known.answer(written(5, proof, HONEST.note(10))).status == 200
    assert known.answer(written(10, proof, HONEST.note(10))).status == 422  # nor from a size to itself


def test_a_log_that_nobody_named_or_another_key_is_refused(tmp_path: Path) -> None:
    known = judge(tmp_path)

    assert known.answer(MemoryLog(3, origin="countersign.example/rival").asks(0, 3)).status == 404
    assert known.answer(written(0, [], HONEST.note(3, OTHER))).status == 403
    forged = HONEST.note(3).replace(HONEST.note(3).split(b"\n")[2], HONEST.note(4).split(b"\n")[2])
    assert known.answer(written(0, [], forged)).status == 403
    assert known.answer(written(4, [], HONEST.note(3))).status == 400


def test_the_empty_log_has_its_one_root(tmp_path: Path) -> None:
    known = judge(tmp_path)

    assert known.answer(written(0, [], sign(LOG, Note(ORIGIN, 0, EMPTY_ROOT)))).status == 200
    assert known.answer(written(0, [], sign(LOG, Note(ORIGIN, 0, bytes(32))))) == conflict(0)


def test_an_installations_key_speaks_for_the_logs_below_its_name_alone(tmp_path: Path) -> None:
    known = judge(tmp_path, Trusted([], [log_key(origin="countersign.example")]))

    for origin, status in (
        ("countersign.example", 200),
        ("countersign.example/northwind", 200),
        ("countersign.example/rival", 200),
        ("countersign.examples", 404),
        ("other.example/northwind", 404),
    ):
        assert known.answer(MemoryLog(3, origin=origin).asks(0, 3)).status == status, origin


def test_a_key_that_a_log_rotated_to_is_named_beside_the_first(tmp_path: Path) -> None:
    known = judge(tmp_path, Trusted([log_key(), log_key(OTHER)]))

    assert known.answer(HONEST.asks(0, 3)).status == 200
    proof = consistency_proof(HONEST.tiles, 3, 5)
    assert known.answer(written(3, proof, HONEST.note(5, OTHER))).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"\n\n",
        b"old 0\n\n",
        b"old 00\n\n" + HONEST.note(3),
        b"old -1\n\n" + HONEST.note(3),
        b"old +1\n\n" + HONEST.note(3),
        "old ٣\n\n".encode() + HONEST.note(3),
        b"old 9223372036854775808\n\n" + HONEST.note(3),
        b"new 0\n\n" + HONEST.note(3),
        b"0\n\n" + HONEST.note(3),
        b"old 0\r\n\r\n" + HONEST.note(3),
        b"old 0\nAAAA\n\n" + HONEST.note(3),
        b"old 0\n" + b"A" * 44 + b"\n\n" + HONEST.note(3),
        b"old 0\n" + (b"A" * 43 + b"=\n") * 64 + b"\n" + HONEST.note(3),
        b"old 0\n\n" + HONEST.note(3)[:-1],
        b"old 0\n\n" + HONEST.note(3) + b"x",
        b"old 0\n\n" + HONEST.note(3).replace(b"\n3\n", b"\n03\n"),
        b"old 0\n\n" + HONEST.note(3).replace(b"\n\n", b"\nextension\n\n"),
        b"old 0\n\n\xff\xfe",
        b"old 0\n\n" + HONEST.note(3) + b"x" * LARGEST_ASKED,
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_no_request_is_refused_in_words_and_changes_nothing(body: bytes, tmp_path: Path) -> None:
    known = judge(tmp_path)
    status, said, kind = known.answer(body)

    assert (status, kind) == (400, "text/plain; charset=utf-8")
    assert said.decode().strip()
    assert not (tmp_path / SEEN).exists()


@given(body=st.binary(max_size=400) | st.binary(max_size=200).map(lambda end: HONEST.asks(0, 3) + end))
def test_whatever_is_sent_is_answered(body: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    known = judge(tmp_path_factory.getbasetemp() / "any")

    assert known.answer(body).status in {200, 400, 403, 409}


def test_what_was_seen_is_a_note_that_can_be_read_again(tmp_path: Path) -> None:
    known = judge(tmp_path)
    known.answer(HONEST.asks(0, 10))

    assert Seen(tmp_path).of(ORIGIN) == parse(HONEST.note(10)).note
    assert judge(tmp_path).answer(FORKED.asks(0, 10)) == conflict(10)


def test_what_cannot_be_written_down_is_not_cosigned(tmp_path: Path) -> None:
    known = judge(tmp_path)
    (tmp_path / f"{SEEN}.partial").mkdir()

    with pytest.raises(OSError, match="partial"):
        known.answer(HONEST.asks(0, 10))
    (tmp_path / f"{SEEN}.partial").rmdir()
    assert known.answer(FORKED.asks(0, 10)).status == 200  # of the other no cosignature was given


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": 1}', '{"a": "a\\n1\\n"}'])
def test_a_witness_that_cannot_read_what_it_saw_does_not_start(content: str, tmp_path: Path) -> None:
    (tmp_path / SEEN).write_text(content)

    with pytest.raises(WrongState, match="cannot be read"), held(tmp_path):
        pass


def test_the_note_of_one_log_does_not_pass_for_anothers(tmp_path: Path) -> None:
    judge(tmp_path).answer(HONEST.asks(0, 10))
    path = tmp_path / SEEN
    path.write_text(path.read_text().replace(f'"{ORIGIN}":', '"countersign.example/rival":'))

    with pytest.raises(WrongState, match="another log"), held(tmp_path):
        pass


def test_there_is_never_more_than_one(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(WrongState, match="never more than one"), held(tmp_path):
        pass
