"""What the database itself lets become of contents, whoever writes."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import IntegrityConstraintViolation as Refused

from runs.artifacts.models import Artifact
from runs.durable.actors import sweeper
from runs.records.models import Run
from runs.retention.holds import ask_lift
from runs.retention.models import Erasure
from runs.retention.removing import remove_due
from tests.factories.cast import Company
from tests.factories.retention import announced, contents_of, held, keep_for, old_run
from tests.factories.rows import insert, insertion, stored
from tests.factories.runs import chain, released
from tests.harness.fresh import FreshDatabase
from tests.waiting import wait_until

WAITING = """
    SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~ 'runs_content_kept'
"""
EMPTIED = "UPDATE runs_artifact SET body = NULL, pruned_by_id = %s, pruned_at = now() WHERE id = %s"


@pytest.fixture
def run(fresh_database: FreshDatabase, northwind: Company, settings: Any) -> Run:
    """Of years ago, with rules for all that it used."""
    settings.RETENTION_NOTICE = timedelta()
    found = old_run(northwind, released(northwind, chain(2)))
    keep_for(northwind)
    return found


def listed(erasure: Erasure, artifact: Artifact) -> Any:
    return erasure.listed.get(artifact=artifact).pk


@pytest.mark.parametrize("role", ["default", "owner"])
def test_nobody_empties_a_content_that_nothing_announced(
    fresh_database: FreshDatabase, run: Run, role: str
) -> None:
    content = contents_of(run)[0]
    with fresh_database.connect(role) as anybody:
        for by in (None, uuid4()):
            with pytest.raises(psycopg.IntegrityError):
                anybody.execute(EMPTIED, [by, content.pk])
        for column, value in {"body": b"other", "size": 1, "media_type": "x", "sha256": "a" * 64}.items():
            changed = sql.SQL("UPDATE runs_artifact SET {} = %s WHERE id = %s").format(sql.Identifier(column))
            with pytest.raises(Refused, match="only ever inserted"):
                anybody.execute(changed, [value, content.pk])
    with fresh_database.connect("owner") as owner:
        with pytest.raises(Refused):
            owner.execute("DELETE FROM runs_artifact WHERE id = %s", [content.pk])
        with pytest.raises(psycopg.Error):
            owner.execute("TRUNCATE runs_artifact CASCADE")


@pytest.mark.parametrize("role", ["default", "owner"])
def test_not_even_what_was_announced_goes_while_a_hold_stands(
    fresh_database: FreshDatabase, northwind: Company, run: Run, role: str
) -> None:
    [erasure] = announced()
    held(northwind, run)
    content = contents_of(run)[0]
    with (
        fresh_database.connect(role) as anybody,
        pytest.raises(Refused, match="nothing allows"),
    ):
        anybody.execute(EMPTIED, [listed(erasure, content), content.pk])


@pytest.mark.parametrize("role", ["default", "owner"])
def test_other_bytes_do_not_come_back(fresh_database: FreshDatabase, run: Run, role: str) -> None:
    [erasure] = announced()
    remove_due(erasure.pk, actor=sweeper())
    content = contents_of(run)[0]
    with fresh_database.connect(role) as anybody:
        with pytest.raises(Refused):
            anybody.execute(
                "UPDATE runs_artifact SET body = 'x', pruned_by_id = NULL, pruned_at = NULL WHERE id = %s",
                [content.pk],
            )
        with pytest.raises(Refused):
            anybody.execute(
                "UPDATE runs_erasure_content SET outcome = '', settled_at = NULL WHERE artifact_id = %s",
                [content.pk],
            )


def test_who_asked_does_not_lift_past_the_service(
    fresh_database: FreshDatabase, northwind: Company, run: Run
) -> None:
    hold, other = held(northwind, run), held(northwind, run)
    asked = ask_lift(hold, actor=northwind.owner, reason="Over.")
    lift = {
        "id": uuid4(), "organisation_id": hold.organisation_id, "hold_id": hold.pk, "asked_id": asked.pk,
        "reason": "Over.", "by_id": northwind.owner.pk, "by_name": "O",
    }  # fmt: skip
    with pytest.raises(Refused, match="second person"):
        insert(fresh_database, "runs_hold_lift", **lift)
    elsewhere = {**lift, "hold_id": other.pk, "by_id": northwind.auditor.pk}
    with pytest.raises(Refused, match="another hold"):
        insert(fresh_database, "runs_hold_lift", **elsewhere)


def test_a_hold_that_is_being_placed_is_waited_for_and_wins(
    fresh_database: FreshDatabase, northwind: Company, run: Run
) -> None:
    like = stored(held(northwind, old_run(northwind, run.release, 2)))
    [erasure] = announced()
    with fresh_database.connect() as placing, fresh_database.connect() as watching:
        placing.execute("BEGIN")
        placing.execute("SELECT ledger_act(%s)", [northwind.owner.pk])
        placing.execute(*insertion("runs_hold", {**like, "key": str(run.pk)}))

        def stand() -> None:
            wait_until(lambda: watching.execute(WAITING).fetchone() is not None, "the removal waits")
            placing.execute("COMMIT")

        settled, failed = fresh_database.at_once(lambda: remove_due(erasure.pk, actor=sweeper()), stand)
    assert (settled, failed) == (3, None)
    assert {found.pruned_at for found in contents_of(run)} == {None}
    assert set(erasure.listed.values_list("outcome", "why")) == {("kept", "held")}
