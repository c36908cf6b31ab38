"""Notes are signed over what was signed before and what came since, and remembered outside the database."""

import json
from errno import ENOSPC
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError

from governance.errors import Invalid, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.merkle.keys import parse_vkey
from governance.merkle.note import parse, verify
from governance.merkle.tree import leaf_hash, verify_consistency, verify_inclusion
from governance.proof import signing
from governance.proof.findings import Altered
from governance.proof.keys import make_key, read_key
from governance.proof.memory import held, remembered
from governance.proof.models import Checkpoint, Log, LogKey
from governance.proof.reading import consistency, first_covering, inclusions, latest_checkpoint, position_of
from governance.proof.sequencing import sequence
from governance.proof.signing import NotOurs
from tests.factories.cast import Company
from tests.factories.logs import PREFIX, fill, sign_all, signer
from tests.harness.fresh import FreshDatabase
from tests.proof.growing import tell
from tests.proof.tampering import altered

REPLACED = """
    UPDATE ledger_event SET record = 'x', leaf = sha256('\\x00'::bytea || 'x')
    WHERE id = (SELECT event FROM ledger_entry WHERE log = %s AND position = %s)
"""


def test_a_note_says_the_log_and_verifies_by_the_announced_key(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    log = northwind.organisation.pk
    assert latest_checkpoint(log) is None
    sign_all(tmp_path)

    found = latest_checkpoint(log)
    assert found is not None
    key = LogKey.objects.get(log=log)
    signed = parse(bytes(found.note))
    assert verify(signed, [parse_vkey(key.vkey)])
    assert (signed.note.origin, signed.note.size) == (f"{PREFIX}/northwind", found.size)
    announced = Event.objects.get(pk=key.event)
    assert (announced.kind, announced.organisation) == (Kind.LOG_KEY_ANNOUNCED, log)
    assert Log.objects.get(pk=log).origin == signed.note.origin


def test_every_event_has_its_proof_and_every_checkpoint_continues_the_one_before(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    log = northwind.organisation.pk
    sign_all(tmp_path)
    fill(northwind, 600)
    sign_all(tmp_path)
    late = tell(northwind)[0]
    assert position_of(late) is None
    sign_all(tmp_path)

    old, new = [*Checkpoint.objects.of(log)][-1], latest_checkpoint(log)
    assert new is not None
    events = Event.objects.filter(organisation=log).values_list("pk", flat=True)
    proofs = inclusions(events, new)
    assert [found.position for found in proofs] == list(range(new.size))
    for found in proofs:
        verify_inclusion(leaf_hash(found.record), found.position, new.size, found.proof, bytes(new.root))
    verify_consistency(
        old.size, new.size, bytes(old.root), bytes(new.root), consistency(log, old.size, new.size)
    )
    position = position_of(late)
    assert position is not None
    assert first_covering(position) == new
    with pytest.raises(WrongState, match="not covered"):
        inclusions([late], old)


def test_nothing_new_is_not_signed_again(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    sign_all(tmp_path)
    sign_all(tmp_path)  # the announcements

    assert sign_all(tmp_path) == []


def test_a_second_signer_does_not_start(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    with signer(tmp_path), pytest.raises(WrongState, match="Another process"), held(tmp_path / "state"):
        pass


def test_a_note_that_never_reached_the_database_is_given_to_it(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after it remembered and before it stored."""

    def killed(*args: object) -> None:
        raise KeyboardInterrupt

    sequence()
    log = northwind.organisation.pk
    with monkeypatch.context() as patch, signer(tmp_path) as found:
        patch.setattr(signing, "_keep_row", killed)
        with pytest.raises(KeyboardInterrupt):
            found.sign(log)
    assert latest_checkpoint(log) is None

    with signer(tmp_path):
        kept = latest_checkpoint(log)
    assert kept is not None
    assert bytes(kept.note) == remembered(tmp_path / "state")[0].content


def test_a_note_that_the_database_did_not_take_is_given_to_it_at_the_next_look(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: object) -> None:
        raise OperationalError

    sequence()
    log = northwind.organisation.pk
    with signer(tmp_path) as found:
        with monkeypatch.context() as patch:
            patch.setattr(signing, "_keep_row", away)
            with pytest.raises(OperationalError):
                found.sign(log)
        found.sign(log)
        kept = latest_checkpoint(log)
        assert kept is not None
        assert bytes(kept.note) == remembered(tmp_path / "state")[0].content


def test_a_note_that_did_not_reach_the_disk_is_not_remembered(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise OSError(ENOSPC, "No space left on device")

    sequence()
    log = northwind.organisation.pk
    with signer(tmp_path) as found:
        with monkeypatch.context() as patch:
            patch.setattr("governance.proof.durable.os.fsync", full)
            for _ in range(2):
                with pytest.raises(OSError, match="No space"):
                    found.sign(log)
        assert latest_checkpoint(log) is None
        assert found.sign(log) is not None
    assert [kept.log for kept in remembered(tmp_path / "state")] == [log]


def test_a_log_that_was_set_back_hinders_no_other(
    fresh_database: FreshDatabase, northwind: Company, rival: Company, tmp_path: Path
) -> None:
    log = northwind.organisation.pk
    sign_all(tmp_path)
    altered(
        fresh_database, "DELETE FROM ledger_entry WHERE log = %s AND position > 1", log, table="ledger_entry"
    )
    tell(rival)
    sequence()

    with signer(tmp_path) as found:
        assert found.sign(rival.organisation.pk) is not None
        with pytest.raises(Altered):
            found.sign(log)


def test_a_log_that_was_set_back_is_not_signed_any_more(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    log = northwind.organisation.pk
    fill(northwind, 3)
    sign_all(tmp_path)
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
        owner.execute("DELETE FROM ledger_entry WHERE log = %s AND position >= 2", [log])
        owner.execute("ALTER TABLE ledger_checkpoint DISABLE TRIGGER USER")
        owner.execute("DELETE FROM ledger_checkpoint")

    with signer(tmp_path) as found, pytest.raises(Altered) as caught:
        found.sign(log)
    assert caught.value.finding.code == "memory_ahead"


def test_a_record_that_was_altered_before_it_was_signed_is_not_signed(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    log = northwind.organisation.pk
    sign_all(tmp_path)
    event = tell(northwind)[0]
    sequence()
    altered(
        fresh_database,
        """UPDATE ledger_event SET record = replace(convert_from(record, 'UTF8'), '"n":1', '"n":2')::bytea
           WHERE id = %s""",
        event,
    )

    with signer(tmp_path) as found, pytest.raises(Altered) as caught:
        found.sign(log)
    assert (caught.value.finding.code, caught.value.finding.event) == ("record_altered", event)


def test_an_event_that_was_replaced_with_its_leaf_before_it_was_signed_is_not_signed(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    log = northwind.organisation.pk
    fill(northwind, 600)
    sequence()
    altered(fresh_database, REPLACED, log, 5)

    with signer(tmp_path) as found, pytest.raises(Altered) as caught:
        found.sign(log)
    assert caught.value.finding.code == "leaf_differs_from_tile"


def test_another_key_does_not_go_on_where_one_has_signed(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    sign_all(tmp_path / "one")
    tell(northwind)
    sequence()

    with signer(tmp_path / "other") as found, pytest.raises(NotOurs):
        found.sign(northwind.organisation.pk)


def test_a_memory_that_is_older_takes_up_what_its_key_signed_since(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    sign_all(tmp_path)
    earlier = (tmp_path / "state" / "signed.json").read_bytes()
    tell(northwind)
    sign_all(tmp_path)
    (tmp_path / "state" / "signed.json").write_bytes(earlier)

    with signer(tmp_path):
        pass
    kept = {found.log: found.note.size for found in remembered(tmp_path / "state")}
    log = northwind.organisation.pk
    last = latest_checkpoint(log)
    assert last is not None
    assert kept[log] == last.size


@pytest.mark.parametrize("content", ["{", "[]", '{"x": "y"}', json.dumps({"x": 3})])
def test_a_memory_that_cannot_be_read_stops_the_signer(content: str, tmp_path: Path) -> None:
    (tmp_path / "signed.json").write_text(content)

    with pytest.raises(WrongState, match="cannot be read"), held(tmp_path):
        pass


def test_a_key_file_is_its_owners_alone_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    made = make_key(path)

    assert read_key(path).private_bytes_raw() == made.private_bytes_raw()
    with pytest.raises(Invalid, match="never written over"):
        make_key(path)
    path.chmod(0o640)
    with pytest.raises(Invalid, match="read by others"):
        read_key(path)
    path.chmod(0o600)
    path.write_text("none")
    with pytest.raises(Invalid, match="no private key"):
        read_key(path)
    with pytest.raises(Invalid, match="cannot be read"):
        read_key(tmp_path / "none.pem")


def test_the_application_signs_through_the_door_alone_and_never_more_than_there_is(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    sign_all(tmp_path)
    last = latest_checkpoint(northwind.organisation.pk)
    assert last is not None
    with fresh_database.connect() as application:
        given = [last.log, f"{PREFIX}/northwind", last.size + 100, bytes(32), b"x", "00000000"]
        statement = "SELECT ledger_sign(gen_random_uuid(), %s, %s, %s, %s, %s, %s)"
        with pytest.raises(psycopg.errors.CheckViolation, match="not as large"):
            application.execute(statement, given)
        with pytest.raises(psycopg.errors.CheckViolation, match="another origin"):
            application.execute(statement, [last.log, "other", *given[2:]])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute("INSERT INTO ledger_checkpoint SELECT * FROM ledger_checkpoint")
