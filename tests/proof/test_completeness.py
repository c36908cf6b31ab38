"""Nothing is missing between two checkpoints; and what somebody takes away, or never told, is named."""

import json
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from governance.errors import Invalid, WrongState
from governance.ledger.models import Event
from governance.proof.completeness.report import Report, gaps
from governance.proof.completeness.spans import span_of
from governance.proof.findings import Finding
from governance.proof.models import Checkpoint, Position
from governance.proof.sequencing import sequence
from governance.proof.sizes import sizes
from governance.proof.verifying.rolling import Rounds
from runs.lineage.bulk import import_runs
from tests.factories.cast import Company
from tests.factories.forks import fork_of
from tests.factories.imports import imported_run, lines_of
from tests.factories.logs import TELL, sign_all
from tests.factories.runs import begin, chain, finish, released
from tests.factories.things import approve, make_release
from tests.harness.fresh import FreshDatabase
from tests.proof.growing import tell
from tests.proof.tampering import altered

OLD = """
    UPDATE ledger_event SET record = regexp_replace(regexp_replace(
        convert_from(record, 'UTF8'), '"number":[0-9]+,("object_id")', '\\1'), ',"source":"[^"]+"', '')::bytea
"""


@pytest.fixture
def told(fresh_database: FreshDatabase, northwind: Company, tmp_path: Path) -> FreshDatabase:
    """A log that was signed twice."""
    tell(northwind, 20)
    sign_all(tmp_path)
    tell(northwind, 20)
    sign_all(tmp_path)
    return fresh_database


def report(company: Company, **between: int) -> Report:
    [found] = gaps(span_of(company.organisation.pk, **between))
    return found


def codes(found: Report) -> list[str]:
    return [finding.code for finding in found.findings]


def removed(database: FreshDatabase, *events: UUID) -> None:
    altered(database, "DELETE FROM ledger_event WHERE id = ANY(%s)", [*events])


def test_a_log_of_which_nothing_is_missing_is_complete(told: FreshDatabase, northwind: Company) -> None:
    found = report(northwind)
    log = northwind.organisation.pk
    assert (found.findings, found.entries) == ([], sizes()[log])
    assert found.counted.events == Event.objects.filter(organisation=log).count()
    assert found.plain()["complete"]
    first, second = Checkpoint.objects.of(log).order_by("size").values_list("size", flat=True)[:2]
    between = report(northwind, since=first, until=second)
    assert (between.findings, between.entries, between.counted.unresolved) == ([], second - first, 0)


def test_what_was_rolled_back_leaves_no_hole(told: FreshDatabase, northwind: Company, tmp_path: Path) -> None:
    given = (northwind.organisation.pk, northwind.owner.pk)
    with told.connect() as session:
        for _ in range(3):
            with session.transaction(force_rollback=True):
                session.execute(TELL, [*given, 3])
            with session.transaction():
                session.execute(TELL, [*given, 2])
                with session.transaction(force_rollback=True):  # a savepoint
                    session.execute(TELL, [*given, 5])
                session.execute(TELL, [*given, 1])
    sign_all(tmp_path)
    assert report(northwind).findings == []


def test_what_is_under_way_or_not_yet_sequenced_is_not_missing(
    told: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    with told.connect() as slow, told.connect() as other:
        with slow.transaction():
            slow.execute(TELL, [northwind.organisation.pk, northwind.owner.pk, 3])
            other.execute(TELL, [northwind.organisation.pk, northwind.owner.pk, 3])
            sign_all(tmp_path)
            tell(northwind, 3)
            assert report(northwind).findings == []
        assert report(northwind).findings == []
        sign_all(tmp_path)
        slow.execute(TELL, [northwind.organisation.pk, northwind.owner.pk, 1])
        sign_all(tmp_path)
        assert report(northwind).findings == []


def test_entries_from_before_events_were_numbered_are_counted_and_no_hole(
    told: FreshDatabase, northwind: Company
) -> None:
    altered(told, OLD)
    found = report(northwind)
    assert (found.findings, found.unnumbered, len(found.counted.sessions)) == ([], found.entries, 0)


def test_a_session_that_tells_in_several_logs_is_compared_over_all_of_them(
    told: FreshDatabase, northwind: Company, rival: Company, tmp_path: Path
) -> None:
    for _ in range(5):
        tell(northwind)
        tell(rival, 2)
    sign_all(tmp_path)
    assert report(northwind).findings == report(rival).findings == []
    size = Checkpoint.objects.of(rival.organisation.pk)[0].size
    taken = Position.objects.get(log=rival.organisation.pk, position=size - 3).event

    altered(told, "DELETE FROM ledger_entry WHERE event = %s", taken, table="ledger_entry")
    removed(told, taken)

    assert codes(report(rival)) == ["entry_missing", "source_gap"]
    assert codes(report(northwind)) == ["source_gap"]  # its entry stands beside the hole
    assert str(taken) not in json.dumps(report(northwind).plain())


def test_an_event_taken_away_before_it_was_sequenced_is_named_by_its_session_and_number(
    told: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    rounds = Rounds()
    rounds.begin()
    assert rounds.go()[1] == []
    _, taken, after = tell(northwind, 3)
    number = int(json.loads(bytes(Event.objects.get(pk=taken).record))["number"])
    source = json.loads(bytes(Event.objects.get(pk=taken).record))["source"]
    removed(told, taken)
    sign_all(tmp_path)

    [found] = report(northwind).findings

    assert (found.code, found.event) == ("source_gap", after)
    assert f"Event {number:,} of the database session {source}" in found.said
    assert found.position == Position.objects.get(event=after).position
    with suppress(OSError), rounds.repeated():
        rounds.go()
        raise OSError("the database is gone before the finding is kept")
    assert [(each.code, each.event) for each in rounds.go()[1]] == [("source_gap", after)]
    assert rounds.go()[1] == []


def test_a_hole_at_the_edge_of_what_is_looked_at_is_found(
    told: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    first, second = Checkpoint.objects.of(northwind.organisation.pk).order_by("size")
    last = Position.objects.get(log=northwind.organisation.pk, position=first.size - 1)
    removed(told, last.event)
    assert "source_gap" in codes(report(northwind, since=first.size, until=second.size))


def test_numbers_left_out_by_whoever_counts_are_found_as_holes_and_numbers_given_twice_as_such(
    told: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    with told.connect() as session:
        session.execute(TELL, [northwind.organisation.pk, northwind.owner.pk, 3])
        session.execute("SELECT set_config('countersign.number', '900000000', false)")
        session.execute(TELL, [northwind.organisation.pk, northwind.owner.pk, 1])
        session.execute("SELECT set_config('countersign.number', '1', false)")
        session.execute(TELL, [northwind.organisation.pk, northwind.owner.pk, 1])
    sign_all(tmp_path)
    found = report(northwind)
    assert codes(found) == ["source_double", "source_gap"]
    assert "Events 4 to 900,000,000" in found.findings[1].said


def test_a_number_that_comes_again_in_a_later_round_is_found(told: FreshDatabase, northwind: Company) -> None:
    rounds, found = Rounds(), list[Finding]()
    rounds.begin()
    with told.connect() as session:
        for _ in range(2):
            session.execute(TELL, [northwind.organisation.pk, northwind.owner.pk, 2])
            session.execute("SELECT set_config('countersign.number', '1', false)")
            sequence()
            found = rounds.go()[1]
    assert [each.code for each in found] == ["source_double"]


@pytest.mark.parametrize(
    ("code", "statement"),
    [
        ("row_lacking", "DELETE FROM approvals_vote"),
        ("row_lacking", "DELETE FROM runs_step WHERE position = 1"),
        ("event_lacking", "UPDATE approvals_vote SET person_id = (SELECT id FROM accounts_user LIMIT 1)"),
        ("event_lacking", "DELETE FROM ledger_event WHERE kind = 'run.started'"),
        ("event_lacking", "DELETE FROM ledger_event WHERE kind = 'run.succeeded'"),
        ("event_lacking", "DELETE FROM ledger_event WHERE kind = 'step.succeeded'"),
        ("event_lacking", "DELETE FROM ledger_event WHERE kind = 'version.created'"),
    ],
)  # fmt: skip
def test_a_row_without_its_event_and_an_event_without_its_row_are_found(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path, code: str, statement: str
) -> None:
    finish(begin(northwind, released(northwind, chain(3))))
    approve(make_release(northwind), by=northwind.approver)
    sign_all(tmp_path)
    assert report(northwind).findings == []
    altered_as_replica(fresh_database, statement)
    assert code in codes(report(northwind))


def test_forks_and_imported_runs_are_told_as_a_whole_and_lack_nothing(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    release = released(northwind, chain(3))
    run = finish(begin(northwind, release))
    finish(fork_of(run, actor=northwind.operator, position=2, reason="Once more."))
    lines = lines_of(imported_run(release, 1), imported_run(release, 2))
    import_runs(northwind.project, actor=northwind.owner, lines=lines, reason="From the old system.")
    sign_all(tmp_path)
    found = report(northwind)
    compared = {each.what: (each.rows, each.events) for each in found.compared}
    assert found.findings == []
    assert (compared["runs"], compared["ends of runs"], compared["steps"]) == ((4, 4), (4, 4), (4, 4))


def test_the_command_tells_what_was_compared_and_fails_on_a_hole(
    told: FreshDatabase, northwind: Company, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("ledger", "gaps")
    said = capsys.readouterr().out
    assert "Nothing is missing." in said
    assert "leave none" in said  # its limit, too
    note = tmp_path / "kept.note"
    first = Checkpoint.objects.of(northwind.organisation.pk).order_by("size")[0]
    note.write_bytes(bytes(first.note))
    call_command("ledger", "gaps", "--from", str(note), "--json")
    [plain] = json.loads(capsys.readouterr().out)["reports"]
    assert (plain["complete"], plain["since"]["size"]) == (True, first.size)

    removed(told, Position.objects.get(log=northwind.organisation.pk, position=first.size + 3).event)

    with pytest.raises(SystemExit):
        call_command("ledger", "gaps", "--log", northwind.organisation.slug, "--from", str(first.size))
    said = capsys.readouterr().out
    assert "event_missing" in said
    assert "source_gap" in said


def test_what_names_no_checkpoint_is_refused_in_words(told: FreshDatabase, northwind: Company) -> None:
    with pytest.raises(CommandError, match="Say by --log"):
        call_command("ledger", "gaps", "--from", "5")
    with pytest.raises(CommandError, match="no checkpoint at 5 entries; the nearest"):
        call_command("ledger", "gaps", "--log", northwind.organisation.slug, "--from", "5")
    with pytest.raises(CommandError, match="no log nobody"):
        call_command("ledger", "gaps", "--log", "nobody")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("ledger", "gaps", "--from", "nowhere.note")
    newest = Checkpoint.objects.of(northwind.organisation.pk)[0]
    with pytest.raises(Invalid, match="smaller"):
        span_of(northwind.organisation.pk, since=newest.size)
    with pytest.raises(WrongState, match="ledger gaps"):
        gaps(span_of(northwind.organisation.pk), most_events=10)


def test_a_look_that_may_not_go_back_far_enough_says_so_and_finds_nothing_that_is_not(
    told: FreshDatabase, northwind: Company
) -> None:
    first, second = Checkpoint.objects.of(northwind.organisation.pk).order_by("size")
    span = span_of(northwind.organisation.pk, since=first.size, until=second.size)
    [found] = gaps(span, most_looks=0)
    assert (found.findings, found.counted.unresolved) == ([], 1)


def altered_as_replica(database: FreshDatabase, statement: str) -> None:
    with database.connect("owner") as owner:
        for table in ("ledger_event", "approvals_vote", "runs_step"):
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        assert owner.execute(statement).rowcount
