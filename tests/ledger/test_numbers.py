"""Each session of the database numbers its events; no number is left out but by whoever removes one."""

from uuid import UUID, uuid4

import orjson
import psycopg
import pytest

from governance.accounts.models import User
from tests.harness.fresh import FreshDatabase

TELL = "SELECT ledger_record(NULL, 'run.started', %s, 'Anna', 'run', gen_random_uuid(), NULL, %s)"
TOLD = "SELECT record FROM ledger_event WHERE actor_name = 'Anna' ORDER BY id"


def engine() -> UUID:
    return User.objects.get(email="engine@system.invalid").pk


def tell(session: psycopg.Connection, details: bytes = b"{}") -> None:
    session.execute(TELL, [engine(), details])


def told(fresh_database: FreshDatabase) -> dict[str, list[int]]:
    """The numbers of Anna's events, by their source, in the order of their telling."""
    found: dict[str, list[int]] = {}
    with fresh_database.connect() as reader:
        for (record,) in reader.execute(TOLD).fetchall():
            event = orjson.loads(record)
            found.setdefault(event["source"], []).append(event["number"])
    return found


def test_two_sessions_number_their_events_each_by_itself(fresh_database: FreshDatabase) -> None:
    with fresh_database.connect() as one, fresh_database.connect() as other:
        for session in (one, other, one, one):
            tell(session)
        pids = [one.info.backend_pid, other.info.backend_pid]

    numbers = told(fresh_database)
    assert sorted(numbers.values()) == [[1], [1, 2, 3]]
    assert {source.partition("-")[2] for source in numbers} == {str(pid) for pid in pids}


def test_a_number_that_was_rolled_back_is_given_again(fresh_database: FreshDatabase) -> None:
    with fresh_database.connect() as session:
        tell(session)
        with session.transaction(force_rollback=True):
            tell(session)
            tell(session)
        with session.transaction():
            tell(session)
            with session.transaction(force_rollback=True):
                tell(session)
            tell(session)

    assert list(told(fresh_database).values()) == [[1, 2, 3]]


def test_a_source_that_was_rolled_back_with_its_first_event_leaves_no_number_behind(
    fresh_database: FreshDatabase,
) -> None:
    with fresh_database.connect() as session:
        with session.transaction(force_rollback=True):
            tell(session)
        tell(session)

    assert list(told(fresh_database).values()) == [[1]]


def test_a_refused_event_takes_no_number(fresh_database: FreshDatabase) -> None:
    with fresh_database.connect() as session:
        tell(session)
        with pytest.raises(psycopg.errors.CheckViolation):
            tell(session, b"[]")
        tell(session)

    assert list(told(fresh_database).values()) == [[1, 2]]


def test_a_session_that_a_pool_has_cleaned_is_a_source_of_its_own(fresh_database: FreshDatabase) -> None:
    with fresh_database.connect() as session:
        tell(session)
        tell(session)
        session.execute("DISCARD ALL")
        tell(session)

    assert list(told(fresh_database).values()) == [[1, 2], [1]]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("source", '5f"}'),
        ("source", ""),
        ("source", "0123456789abc-1"),
        ("number", "-1"),
        ("number", "9999999999999999"),
    ],
)
def test_a_setting_that_somebody_has_bent_is_not_believed(
    fresh_database: FreshDatabase, setting: str, value: str
) -> None:
    with fresh_database.connect() as session:
        tell(session)
        session.execute("SELECT set_config(%s, %s, false)", [f"countersign.{setting}", value])
        tell(session)

    assert list(told(fresh_database).values()) == [[1], [1]]


def test_a_source_that_somebody_has_made_up_is_text_in_the_record(fresh_database: FreshDatabase) -> None:
    """Whoever holds the application's password may name a session as they like, and no more than that."""
    with fresh_database.connect() as session:
        source = f'"}},{{"a":1,"b"-{session.info.backend_pid}'
        tell(session)
        session.execute("SELECT set_config('countersign.source', %s, false)", [source])
        tell(session)

    assert len(source.partition("-")[0]) == 13
    assert told(fresh_database)[source] == [2]


def test_the_owner_s_deletion_leaves_a_hole(fresh_database: FreshDatabase) -> None:
    with fresh_database.connect() as session:
        for _ in range(3):
            tell(session)
        (middle,) = session.execute(
            "SELECT id FROM ledger_event WHERE actor_name = 'Anna' ORDER BY id OFFSET 1 LIMIT 1"
        ).fetchone() or (uuid4(),)
    with fresh_database.connect("owner") as owner, owner.transaction():
        owner.execute("ALTER TABLE ledger_event DISABLE TRIGGER refuse_change")
        owner.execute("DELETE FROM ledger_event WHERE id = %s", [middle])
        owner.execute("ALTER TABLE ledger_event ENABLE ALWAYS TRIGGER refuse_change")

    assert list(told(fresh_database).values()) == [[1, 3]]
