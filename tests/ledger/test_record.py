"""The stored event: its bytes, its leaf and its order."""

import hashlib
import re
from uuid import UUID, uuid4

import orjson
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.accounts.models import User
from governance.errors import Invalid
from governance.ledger.canonical import canonical
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.ledger.services import NotInTransaction, record
from tests.factories.cast import Company
from tests.factories.things import make_active
from tests.harness.fresh import FreshDatabase

AWKWARD = [
    'Robert "Bobby" Tables',
    "back\\slash",
    "line\nbreak\r\ttab",
    "separators \u2028 and \u2029",
    "emoji 🧾 and flag 🇪🇺",
    "right \u202e to left",
    "delete \x7f and bell \x07 and escape \x1b[31m",
    "null-free \u0001\u001f",
    "Ægir Þórsson",
]


class Named:
    """The engine by another name: the ledger takes the name at the time, and the account must exist."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.pk = User.objects.get(email="engine@system.invalid").pk


def stored(event: UUID) -> Event:
    return Event.objects.get(pk=event)


@pytest.mark.django_db
@pytest.mark.parametrize("name", AWKWARD)
def test_the_bytes_of_an_event_are_canonical_whatever_the_name(name: str) -> None:
    event = stored(
        record(
            Kind.PERSON_CREATED,
            actor=Named(name),
            organisation=uuid4(),
            about=("person", uuid4()),
            run=uuid4(),
            details={"name": name, "count": 3, "none": None},
        )
    )

    body = bytes(event.record)
    assert canonical(orjson.loads(body)) == body
    assert orjson.loads(body)["actor_name"] == name == event.actor_name


@given(name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=200))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_bytes_are_canonical_for_any_name(db: None, name: str) -> None:
    event = stored(
        record(Kind.PERSON_CREATED, actor=Named(name), organisation=None, about=("person", uuid4()))
    )

    assert canonical(orjson.loads(bytes(event.record))) == bytes(event.record)


@pytest.mark.django_db
def test_the_columns_repeat_what_the_bytes_say() -> None:
    actor, organisation, thing, run = Named("Anna"), uuid4(), uuid4(), uuid4()
    event = stored(
        record(Kind.RUN_STARTED, actor=actor, organisation=organisation, about=("run", thing), run=run)
    )

    told = orjson.loads(bytes(event.record))
    assert told.pop("number") >= 1
    assert re.fullmatch(r"[0-9a-f]{13}-[0-9]+", told.pop("source"))
    assert told == {
        "actor": str(actor.pk),
        "actor_name": "Anna",
        "at": event.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "details": {},
        "id": str(event.pk),
        "kind": "run.started",
        "object_id": str(thing),
        "object_type": "run",
        "organisation": str(organisation),
        "project": None,
        "run": str(run),
    }


def test_every_leaf_is_the_hash_of_its_record(northwind: Company) -> None:
    make_active(northwind)

    events = list(Event.objects.all())
    assert len(events) > 10
    for event in events:
        body = bytes(event.record)
        assert hashlib.sha256(b"\x00" + body).digest() == bytes(event.leaf)
        assert canonical(orjson.loads(body)) == body


@pytest.mark.django_db
def test_events_of_one_transaction_sort_in_the_order_of_their_making() -> None:
    actor = Named("Anna")
    made = [
        record(Kind.RUN_STARTED, actor=actor, organisation=None, about=("run", uuid4())) for _ in range(200)
    ]

    assert sorted(made) == made
    assert {event.version for event in made} == {7}
    assert {event.variant for event in made} == {"specified in RFC 4122"}


@pytest.mark.django_db
def test_the_identifier_holds_the_millisecond_of_the_event() -> None:
    event = stored(record(Kind.RUN_STARTED, actor=Named("Anna"), organisation=None, about=("run", uuid4())))

    assert int(event.pk.hex[:12], 16) == int(event.at.timestamp() * 1_000_000) // 1000


def test_an_event_cannot_stand_outside_a_transaction(fresh_database: FreshDatabase) -> None:
    with pytest.raises(NotInTransaction):
        record(Kind.RUN_STARTED, actor=Named("Anna"), organisation=None, about=("run", uuid4()))
    assert not Event.objects.filter(kind=Kind.RUN_STARTED).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("details", [{"text": "x" * 30_001}, {"fraction": 1.5}, {"half": "\ud800"}])
def test_details_that_cannot_be_recorded_are_refused(details: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        record(
            Kind.RUN_STARTED, actor=Named("Anna"), organisation=None, about=("run", uuid4()), details=details
        )


def test_a_change_whose_event_fails_does_not_happen(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    from governance.catalog.models import Asset
    from governance.catalog.services import create_asset

    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE ledger_event ADD CONSTRAINT never CHECK (false) NOT VALID")

    with pytest.raises(Exception, match="never"):
        create_asset(northwind.project, actor=northwind.author, kind=Asset.Kind.PROMPT, slug="unwritten")

    assert not Asset.objects.filter(slug="unwritten").exists()


def test_an_event_and_its_change_share_one_transaction_number(northwind: Company) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        number = cursor.fetchone()[0]
        event = stored(
            record(Kind.RUN_STARTED, actor=northwind.owner, organisation=None, about=("run", uuid4()))
        )
    assert event.xid == number


def test_the_name_in_the_record_outlives_a_change_of_name(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    with transaction.atomic():
        event = record(Kind.RUN_STARTED, actor=northwind.author, organisation=None, about=("run", uuid4()))
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE accounts_user DISABLE TRIGGER keep_columns")
        owner.execute("UPDATE accounts_user SET name = 'Anna Wed' WHERE id = %s", [northwind.author.pk])

    assert Event.objects.get(pk=event).actor_name == "Anna Author"


def test_events_of_one_moment_keep_their_order(northwind: Company) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(ledger_uuid7(clock_timestamp())) FROM generate_series(1, 500)")
        (identifiers,) = cursor.fetchone()

    assert identifiers == sorted(identifiers)
    assert {found.version for found in identifiers} == {7}
