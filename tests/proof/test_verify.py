"""Whatever is changed behind the ledger's back is found, with its place and its time."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import call_command
from pytest_django import Settings

from governance.ledger.models import Event
from governance.proof.findings import Finding
from governance.proof.models import Checkpoint, Position
from governance.proof.reading import latest_checkpoint
from governance.proof.sequencing import sequence
from governance.proof.sizes import size_of, sizes
from governance.proof.verifying.levels import levels
from governance.proof.verifying.rolling import Rounds
from governance.proof.verifying.whole import verify_all
from governance.proof.verifying.withheld import Walk, withheld
from tests.factories.cast import Company
from tests.factories.logs import TELL, fill, sign_all
from tests.harness.fresh import FreshDatabase
from tests.proof.growing import tell
from tests.proof.tampering import altered, rewritten

PLACE = "WHERE id = (SELECT event FROM ledger_entry WHERE log = %s AND position = %s)"
EDIT = """record = replace(convert_from(record, 'UTF8'), '"n":1', '"n":2')::bytea"""
AND_LEAF = f"leaf = sha256('\\x00'::bytea || {EDIT.removeprefix('record = ')})"
EDITED = f"UPDATE ledger_event SET {EDIT} {PLACE}"  # noqa: S608 - constants of this file
EXCHANGED = f"UPDATE ledger_event SET {EDIT}, {AND_LEAF} {PLACE}"  # noqa: S608
LEAF_ONLY = f"UPDATE ledger_event SET leaf = sha256('') {PLACE}"  # noqa: S608
GONE = f"DELETE FROM ledger_event {PLACE}"  # noqa: S608
AT = 270  # within the second tile


@pytest.fixture
def signed(fresh_database: FreshDatabase, northwind: Company, tmp_path: Path) -> FreshDatabase:
    """Several tiles of events, signed twice."""
    fill(northwind, 400)
    sign_all(tmp_path)
    fill(northwind, 300)
    sign_all(tmp_path)
    sign_all(tmp_path)
    assert verify_all(state=tmp_path / "state").findings == []
    return fresh_database


@pytest.fixture
def state(tmp_path: Path, settings: Settings) -> None:
    """The signer's memory is that of this test."""
    settings.LEDGER_STATE = str(tmp_path / "state")


def event_at(company: Company, position: int) -> Event:
    entry = Position.objects.get(log=company.organisation.pk, position=position)
    return Event.objects.get(pk=entry.event)


def found(**given: object) -> list[Finding]:
    return verify_all(**given).findings  # type: ignore[arg-type]


def test_an_edited_record_is_named_with_its_time_though_the_triggers_are_back(
    signed: FreshDatabase, northwind: Company
) -> None:
    log, event = northwind.organisation.pk, event_at(northwind, AT)
    altered(signed, EDITED, log, AT)

    (finding,) = found()
    assert (finding.code, finding.log, finding.position) == ("record_altered", log, AT)
    assert (finding.event, finding.at) == (event.pk, event.at)


def test_an_edited_record_with_its_leaf_differs_from_the_tile(
    signed: FreshDatabase, northwind: Company
) -> None:
    altered(signed, EXCHANGED, northwind.organisation.pk, AT)

    (finding,) = found()
    assert (finding.code, finding.position) == ("leaf_differs_from_tile", AT)


def test_an_edited_leaf_alone_is_told_apart(signed: FreshDatabase, northwind: Company) -> None:
    altered(signed, LEAF_ONLY, northwind.organisation.pk, AT)

    (finding,) = found()
    assert (finding.code, finding.position) == ("leaf_altered", AT)


def test_beyond_the_last_full_tile_the_checkpoint_tells(signed: FreshDatabase, northwind: Company) -> None:
    log = northwind.organisation.pk
    last = latest_checkpoint(log)
    assert last is not None
    place = last.size - 4
    altered(signed, EXCHANGED, log, place)

    (finding,) = found()
    assert finding.code == "root_differs"
    assert finding.position is not None
    assert finding.position <= place
    assert f"{last.at:%Y-%m-%d %H:%M}" in finding.said


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("actor_name = 'Nobody'", "actor_name"),
        ("at = at - interval '1 day'", "at"),
        ("kind = 'x.changed'", "kind"),
        ("object_type = 'person'", "object_type"),
        ("run = gen_random_uuid()", "run"),
        ("actor = gen_random_uuid()", "actor"),
        ("organisation = gen_random_uuid()", "organisation, log"),
    ],
)
def test_an_edited_column_differs_from_its_record(
    change: str, column: str, signed: FreshDatabase, northwind: Company
) -> None:
    statement = f"UPDATE ledger_event SET {change} {PLACE}"  # noqa: S608
    altered(signed, statement, northwind.organisation.pk, AT)

    (finding,) = found()
    assert (finding.code, finding.position) == ("column_differs", AT)
    assert column in finding.said


def test_a_deleted_event_and_a_deleted_entry_are_named(signed: FreshDatabase, northwind: Company) -> None:
    log = northwind.organisation.pk
    altered(signed, GONE, log, AT)
    assert [(finding.code, finding.position) for finding in found()] == [("event_missing", AT)]

    altered(
        signed, "DELETE FROM ledger_entry WHERE log = %s AND position = %s", log, AT, table="ledger_entry"
    )
    assert [(finding.code, finding.position) for finding in found()] == [("entry_missing", AT)]


def test_a_tail_that_was_taken_away_is_below_what_was_signed(
    signed: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    log = northwind.organisation.pk
    altered(signed, "DELETE FROM ledger_entry WHERE log = %s AND position >= 600", log, table="ledger_entry")
    assert "size_below_checkpoint" in {finding.code for finding in found()}

    altered(signed, "DELETE FROM ledger_checkpoint WHERE size > 600", table="ledger_checkpoint")
    codes = {finding.code for finding in found(state=tmp_path / "state")}
    assert "checkpoint_unknown" in codes


def test_a_tile_that_was_edited_is_named(signed: FreshDatabase, northwind: Company) -> None:
    log = northwind.organisation.pk
    edit = "UPDATE ledger_tile SET root = sha256('') WHERE log = %s AND level = 0 AND index = 1"
    altered(signed, edit, log, table="ledger_tile")
    assert ("tile_differs", 256) in {(finding.code, finding.position) for finding in found()}


def test_a_log_rewritten_with_its_tiles_is_bounded_by_two_checkpoints(
    signed: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    log = northwind.organisation.pk
    first, last = Checkpoint.objects.filter(log=log).order_by("size")[:2]
    place = first.size + 20
    outside = tmp_path / "note"
    outside.write_bytes(bytes(last.note))
    altered(signed, EXCHANGED, log, place)
    rewritten(signed, log)

    (finding,) = found()
    assert (finding.code, finding.position) == ("root_differs", first.size)
    assert f"{last.size:,}" in finding.said

    # And the checkpoints, too: only a note that is kept elsewhere still tells.
    altered(signed, "DELETE FROM ledger_checkpoint WHERE size > %s", first.size, table="ledger_checkpoint")
    assert found() == []
    (finding,) = found(notes=[outside.read_bytes()])
    assert finding.code == "inconsistent"


def test_a_note_by_another_key_and_one_of_another_log_are_told(
    signed: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    last = latest_checkpoint(northwind.organisation.pk)
    assert last is not None
    content = bytes(last.note)

    assert found(notes=[content]) == []
    assert [finding.code for finding in found(notes=[b"x"])] == ["note_malformed"]
    other = content.replace(b"ledger.example.com", b"ledger.example.org")
    assert [finding.code for finding in found(notes=[other])] == ["checkpoint_unknown"]


def test_a_note_that_was_edited_in_the_table_does_not_verify(signed: FreshDatabase) -> None:
    edit = "UPDATE ledger_checkpoint SET note = overlay(note PLACING '\\x41' FROM octet_length(note) - 5)"
    altered(signed, edit, table="ledger_checkpoint")

    assert {finding.code for finding in found()} == {"signature"}


def test_a_withheld_event_is_found(signed: FreshDatabase, northwind: Company) -> None:
    event = tell(northwind)[0]
    with signed.connect("owner") as owner:
        owner.execute("UPDATE ledger_sequencing SET seen = pg_current_snapshot()::text")
    assert sequence() == 0

    ((finding,), _) = withheld()
    assert (finding.code, finding.event) == ("withheld", event)
    assert [found.event for found in Walk(most=10_000).go()] == [event]


def test_of_many_withheld_events_one_finding_is_told_and_each_round_looks_at_a_stretch(
    signed: FreshDatabase, northwind: Company
) -> None:
    total = Event.objects.count()
    walk = Walk(most=300)
    assert [walk.go() for _ in range(2 + total // 300)] == [[]] * (2 + total // 300)
    tell(northwind, 30)
    with signed.connect("owner") as owner:
        owner.execute("UPDATE ledger_sequencing SET seen = pg_current_snapshot()::text")

    (finding,) = walk.go()  # at once, wherever the walk is
    assert finding.said.startswith("30 events")


def test_what_was_under_way_is_late_and_not_withheld(signed: FreshDatabase, northwind: Company) -> None:
    walk = Walk(most=10_000)
    with signed.connect() as slow:
        slow.autocommit = False
        slow.execute(TELL, [northwind.organisation.pk, northwind.owner.pk, 5])
        tell(northwind)
        sequence()
        slow.commit()

        assert (walk.go(), walk.go(), withheld()[0]) == ([], [], [])
        assert sequence() == 5
    assert (walk.go(), walk.go(), withheld()[0]) == ([], [], [])


@pytest.mark.parametrize(
    ("module", "look"),
    [("whole", lambda: verify_all().findings), ("rolling", lambda: Rounds().go()[1])],
)
def test_what_is_written_while_it_is_looked_at_is_no_finding(
    module: str,
    look: Callable[[], list[Finding]],
    signed: FreshDatabase,
    northwind: Company,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More tiles, entries and checkpoints come between asking how large the logs are and reading them."""

    def asked() -> dict[UUID, int]:
        found = sizes()
        fill(northwind, 600)
        sign_all(tmp_path)
        return found

    monkeypatch.setattr(f"governance.proof.verifying.{module}.sizes", asked)

    assert look() == []


def test_a_missing_tile_is_named_by_its_place(signed: FreshDatabase, northwind: Company) -> None:
    log = northwind.organisation.pk
    altered(signed, "DELETE FROM ledger_tile WHERE log = %s AND index = 1", log, table="ledger_tile")

    assert [found.position for found in levels(log, size_of(log))] == [256]


def test_rounds_come_to_every_entry_and_begin_again(signed: FreshDatabase, northwind: Company) -> None:
    total = Position.objects.count()
    rounds = Rounds(most=300)
    looked = [rounds.go()[0].entries for _ in range(-(-total // 300))]
    assert sum(looked) >= total
    altered(signed, EDITED, northwind.organisation.pk, AT)

    codes = [finding.code for _ in looked for finding in rounds.go()[1]]
    assert "record_altered" in codes


def test_the_command_prints_the_first_bad_entry_and_fails(
    signed: FreshDatabase, northwind: Company, state: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("ledger", "verify")
    assert "The ledger holds:" in capsys.readouterr().out
    event = event_at(northwind, AT)
    altered(signed, EDITED, northwind.organisation.pk, AT)

    with pytest.raises(SystemExit) as caught:
        call_command("ledger", "verify")
    assert caught.value.code == 1
    told = capsys.readouterr().out
    assert f"record_altered (position {AT}, of ledger.example.com/northwind, event {event.pk}" in told
