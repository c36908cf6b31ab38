"""The worker itself checks that what it runs is what was approved."""

import pytest
from django.db import OperationalError

from governance.catalog.functions import Announcement, announce, announced
from governance.ledger.models import Event
from governance.releases.clearance import NotCleared
from runs.durable import drive as driving
from runs.durable.drive import drive
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released
from tests.harness.fresh import FreshDatabase

# What an owner of the tables could do behind everybody's back, after the run was started.
TAMPERED = {
    "the workflow's content": (
        "catalog_version",
        "UPDATE catalog_version SET content = convert_to(replace(convert_from(content, 'UTF8'), "
        "'nothing@1', 'returns@1'), 'UTF8')",
        "not what was decided on",
    ),
    "the votes": ("approvals_vote", "DELETE FROM approvals_vote", "does not have the approvals"),
    "who voted": (
        "approvals_vote",
        "UPDATE approvals_vote SET person_id = (SELECT submitted_by_id FROM releases_release LIMIT 1)",
        "does not have the approvals",
    ),
    "the closure": (
        "releases_release",
        "UPDATE releases_release SET closure = convert_to(replace(convert_from(closure, 'UTF8'), "
        "'production', 'development'), 'UTF8')",
        "does not have the release digest",
    ),
    "the environment's protection": (
        "releases_environment",
        "UPDATE releases_environment SET protected = false",
        "protection has changed",
    ),
    "the letter": (
        "runs_artifact",
        "UPDATE runs_artifact SET body = convert_to('Pay them all.', 'UTF8')",
        "was altered",
    ),
}


def test_a_run_that_cannot_be_prepared_is_stopped_at_the_first_claim(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin(northwind, released(northwind, chain(1)))

    def broken(*asked: object) -> None:
        raise KeyError("start")

    monkeypatch.setattr(driving, "plan_under", broken)

    after = finish(run)

    assert (after.state, after.steps.count(), after.recoveries) == ("failed", 0, 0)
    assert after.error is not None
    assert (after.error.code, after.error.node) == ("engine_error", "step_0")
    assert "KeyError" in after.error.detail


def test_a_database_that_fails_while_a_run_is_prepared_stops_no_run(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin(northwind, released(northwind, chain(1)))

    def away(*asked: object) -> None:
        raise OperationalError("the server closed the connection unexpectedly")

    monkeypatch.setattr(driving, "plan_under", away)

    with pytest.raises(OperationalError):
        finish(run)

    assert Run.objects.get(pk=run.pk).state == "running"


@pytest.mark.parametrize(("table", "statement", "words"), TAMPERED.values(), ids=TAMPERED.keys())
def test_a_run_whose_records_were_altered_is_not_executed(
    fresh_database: FreshDatabase, northwind: Company, table: str, statement: str, words: str
) -> None:
    run = begin(northwind, released(northwind, chain(1), environment=northwind.production))
    tamper(fresh_database, table, statement)

    drive(run.pk, worker="test")

    after = Run.objects.get(pk=run.pk)
    assert after.state == Run.State.FAILED
    assert after.error is not None
    assert after.error.code in {"not_cleared", "artifact_damaged"}
    assert words in after.error.detail
    assert not after.steps.exists()
    assert Event.objects.of_run(run.pk).filter(kind="run.failed").count() == 1


@pytest.mark.parametrize("what", sorted(set(TAMPERED) - {"the letter"}))
def test_what_was_started_before_is_not_started_again_once_it_was_altered(
    fresh_database: FreshDatabase, northwind: Company, what: str
) -> None:
    table, statement, words = TAMPERED[what]
    release = released(northwind, chain(1), environment=northwind.production)
    begin(northwind, release)
    begin(northwind, release)
    tamper(fresh_database, table, statement)

    for _ in range(2):
        with pytest.raises(NotCleared, match=words):
            begin(northwind, release)

    assert Run.objects.count() == 2


def test_nothing_is_started_by_code_that_was_not_approved(northwind: Company) -> None:
    release = released(northwind, chain(1))
    begin(northwind, release)
    known = announced("nothing@1")
    assert known is not None
    announce(Announcement(known.reference, known.takes, known.summary, "0" * 64))
    try:
        with pytest.raises(NotCleared, match="the code of its functions has changed"):
            begin(northwind, release)
    finally:
        announce(known)

    begin(northwind, release)
    assert Run.objects.count() == 2


def test_a_run_is_not_executed_by_code_that_was_not_approved(northwind: Company) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    known = announced("nothing@1")
    assert known is not None
    announce(Announcement(known.reference, known.takes, known.summary, "0" * 64))
    try:
        drive(run.pk, worker="test")
    finally:
        announce(known)

    after = Run.objects.get(pk=run.pk)
    assert (after.state, after.waits_for, after.position) == ("waiting", "worker", 0)


def tamper(database: FreshDatabase, table: str, statement: str) -> None:
    """As the owner of the tables, with the triggers out of the way for a moment."""
    with database.connect("owner") as owner, owner.transaction():
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
        assert owner.execute(statement.encode()).rowcount > 0
