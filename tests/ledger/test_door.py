"""What the database function refuses, whoever calls it: a page could never show it again."""

from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
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


def call(kind: str | None, actor: UUID | None, details: bytes | None) -> None:
    """Knock at the door, as the application."""
    with connection.cursor() as cursor:
        cursor.execute(CALL, [uuid4(), kind, actor, details])


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
@pytest.mark.django_db
def test_details_are_a_small_json_object(details: bytes | None) -> None:
    before = Event.objects.count()
    with pytest.raises(DatabaseError), transaction.atomic():
        call("run.started", engine(), details)
    assert Event.objects.count() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kind", [None, "", "run", "run.started; drop", "Run.Started", "{0.x}.y", "run.started\n", "a.b.c"]
)
def test_a_kind_is_two_words(kind: str | None) -> None:
    with pytest.raises(IntegrityError, match="kind"), transaction.atomic():
        call(kind, engine(), b"{}")


@pytest.mark.django_db
@pytest.mark.parametrize("actor", [None, UUID(int=7)])
def test_an_actor_has_an_account(actor: UUID | None) -> None:
    with pytest.raises(IntegrityError, match="actor"), transaction.atomic():
        call("run.started", actor, b"{}")


@pytest.mark.django_db
def test_the_largest_details_that_a_service_may_record_are_taken() -> None:
    call("run.started", engine(), b'{"a":"' + b"x" * 29_992 + b'"}')
    assert len(Event.objects.get(actor_name="Anna").details["a"]) == 29_992


RECORDS = [
    b"not json", b"\xff\xfe", b'{"details":[]}', b'{"details":null}', b"[]", b"{}",
    b'{"details":{"a":1e999}}', DEEP,
]  # fmt: skip


def test_records_that_cannot_be_read_are_shown_as_such(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    """As the tables' owner, who needs no door."""
    bad = {uuid4(): (kind, record) for kind in ("run.started", "{0.x}") for record in RECORDS}
    with fresh_database.connect("owner") as owner:
        for pk, (kind, record) in bad.items():
            owner.execute(
                "INSERT INTO ledger_event (id, xid, at, organisation, kind, actor, actor_name, object_type,"
                " object_id, record, leaf) SELECT %s, xid, at, organisation, %s, actor, actor_name,"
                " object_type, object_id, %s, leaf FROM ledger_event WHERE organisation = %s LIMIT 1",
                [pk, kind, record, northwind.organisation.pk],
            )
    client = visitor(northwind.owner)

    listed = client.get(reverse("governance:ledger"))

    assert listed.status_code == 200
    assert set(bad) <= {row.event.pk for row in listed.context["rows"]}
    for pk, asked in bad.items():
        shown = client.get(reverse("governance:event", args=[pk]))
        assert shown.status_code == 200, asked
        assert "These details are not in the form of the ledger" in shown.content.decode(), asked
