"""What the database function refuses, whoever calls it: a page could never show it again."""

from uuid import UUID, uuid4

import psycopg
import pytest
from django.urls import reverse

from governance.accounts.models import User
from governance.ledger.models import Event
from tests.factories.cast import Company
from tests.harness.fresh import FreshDatabase
from tests.visiting import visitor

CALL = "SELECT ledger_record(%s, %s, %s, 'Anna', 'run', gen_random_uuid(), NULL, %s)"
CLOSE_OBJECT = b'{},"id":"00000000-0000-0000-0000-000000000000"'
DEEP = b'{"details":{"a":' + b"[" * 900 + b"]" * 900 + b"}}"


def engine() -> UUID:
    return User.objects.get(email="engine@system.invalid").pk


@pytest.mark.parametrize(
    "details",
    [
        None,
        b"",
        b"not json",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"text"',
        CLOSE_OBJECT,
        b'{"text":"' + b"x" * 29_990 + b'"}',
        b'{"nul":"\\u0000"}',
    ],
    ids=["missing", "empty", "words", "bytes", "null", "list", "text", "second id", "too large", "nul"],
)
def test_details_are_a_small_json_object(details: bytes | None, fresh_database: FreshDatabase) -> None:
    before = Event.objects.count()
    with fresh_database.connect() as application, pytest.raises(psycopg.DatabaseError):
        application.execute(CALL, [uuid4(), "run.started", engine(), details])
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    "kind", [None, "", "run", "run.started; drop", "Run.Started", "{0.x}.y", "run.started\n", "a.b.c"]
)
def test_a_kind_is_two_words(kind: str | None, fresh_database: FreshDatabase) -> None:
    with fresh_database.connect() as application, pytest.raises(psycopg.errors.CheckViolation, match="kind"):
        application.execute(CALL, [uuid4(), kind, engine(), b"{}"])


@pytest.mark.parametrize("actor", [None, UUID(int=7)])
def test_an_actor_has_an_account(actor: UUID | None, fresh_database: FreshDatabase) -> None:
    with fresh_database.connect() as application, pytest.raises(psycopg.errors.CheckViolation, match="actor"):
        application.execute(CALL, [uuid4(), "run.started", actor, b"{}"])


def test_the_largest_details_that_a_service_may_record_are_taken(fresh_database: FreshDatabase) -> None:
    with fresh_database.connect() as application:
        application.execute(CALL, [uuid4(), "run.started", engine(), b'{"a":"' + b"x" * 29_992 + b'"}'])
    assert len(Event.objects.get(actor_name="Anna").details["a"]) == 29_992


@pytest.mark.parametrize(
    "record",
    [
        b"not json",
        b"\xff\xfe",
        b'{"details":[]}',
        b'{"details":null}',
        b"[]",
        b"{}",
        b'{"details":{"a":1e999}}',
        DEEP,
    ],
)
@pytest.mark.parametrize("kind", ["run.started", "{0.x}"])
def test_a_record_that_cannot_be_read_is_shown_as_such(
    fresh_database: FreshDatabase, northwind: Company, record: bytes, kind: str
) -> None:
    """As the tables' owner, who needs no door."""
    bad = uuid4()
    with fresh_database.connect("owner") as owner:
        owner.execute(
            "INSERT INTO ledger_event (id, xid, at, organisation, kind, actor, actor_name, object_type,"
            " object_id, record, leaf) SELECT %s, xid, at, organisation, %s, actor, actor_name, object_type,"
            " object_id, %s, leaf FROM ledger_event WHERE organisation = %s LIMIT 1",
            [bad, kind, record, northwind.organisation.pk],
        )
    client = visitor(northwind.owner)

    listed = client.get(reverse("governance:ledger"))
    shown = client.get(reverse("governance:event", args=[bad]))

    assert (listed.status_code, shown.status_code) == (200, 200)
    assert bad in [row.event.pk for row in listed.context["rows"]]
    assert "These details are not in the form of the ledger" in shown.content.decode()
