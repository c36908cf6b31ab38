"""What the database function refuses, whoever calls it: a page could never show it again."""

from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from governance.accounts.models import User
from governance.ledger.canonical import canonical
from governance.ledger.models import Event
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, released
from tests.harness.fresh import FreshDatabase
from tests.visiting import visitor

CALL = "SELECT ledger_record(%s, %s, %s, 'Anna', 'run', gen_random_uuid(), NULL, %s)"
CLOSE_OBJECT = b'{},"id":"00000000-0000-0000-0000-000000000000"'
# The door for several events of a run: one good event, and then the one that is tried.
OF_A_RUN = """SELECT ledger_record_run(%s, %s, 'Anna', %s, ARRAY['run.started', %s], ARRAY['run', 'run'],
    ARRAY[gen_random_uuid(), gen_random_uuid()], ARRAY['{"a":1}', %s])"""
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


@pytest.mark.parametrize(
    ("kind", "details", "reason"),
    [
        (None, "{}", "no kind of event"),
        ("run.started\n", "{}", "no kind of event"),
        ("run.started", None, "JSON object"),
        ("run.started", "[]", "JSON object"),
        ("run.started", '{},"id":1', "invalid input syntax"),
        ("run.started", '{"nul":"\\u0000"}', "unsupported Unicode"),
        ("run.started", '{"a":"' + "x" * 29_993 + '"}', "at most 30,000 bytes"),
    ],
)
def test_of_the_events_of_a_run_all_are_taken_or_none(
    db: None, northwind: Company, kind: str | None, details: str | None, reason: str
) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    before = Event.objects.count()
    with pytest.raises(DatabaseError, match=reason), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(OF_A_RUN, [run.organisation_id, engine(), run.pk, kind, details])
    assert Event.objects.count() == before


@pytest.mark.parametrize("wrong", ["actor", "run"])
def test_events_of_a_run_have_an_actor_and_a_run(db: None, northwind: Company, wrong: str) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    given: dict[str, UUID] = {"actor": engine(), "run": run.pk, wrong: UUID(int=7)}
    with (
        pytest.raises(IntegrityError, match="no such run"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(OF_A_RUN, [run.organisation_id, given["actor"], given["run"], "run.started", "{}"])


def test_both_doors_write_the_same_record(db: None, northwind: Company) -> None:
    """But for what is the event's own; in order, each later than the one before it."""
    run = begin(northwind, released(northwind, chain(1)))
    details = '{"a":"\u00fc\\"\\n","b":[1,null]}'
    name = 'A "quoted" \n \u2028 name'
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_record(%s, 'run.paused', %s, %s, 'run', %s, %s, convert_to(%s, 'UTF8'))",
            [run.organisation_id, engine(), name, run.pk, run.pk, details],
        )
        cursor.execute(
            "SELECT ledger_record_run(%s, %s, %s, %s, array_fill('run.paused'::text, ARRAY[3]),"
            " array_fill('run'::text, ARRAY[3]), array_fill(%s::uuid, ARRAY[3]),"
            " array_fill(%s::text, ARRAY[3]))",
            [run.organisation_id, engine(), name, run.pk, run.pk, details],
        )
        assert cursor.fetchone() == (3,)
        cursor.execute("SELECT current_setting('countersign.source'), current_setting('countersign.number')")
        source, last = cursor.fetchone()
    events = list(Event.objects.filter(kind="run.paused").order_by("id"))

    assert len(events) == 4
    assert sorted(events, key=lambda event: event.at) == events
    numbers = []
    for event in events:
        assert event.holds
        told = orjson.loads(bytes(event.record))
        assert canonical(told) == bytes(event.record)
        assert (told.pop("id"), told.pop("at")) == (str(event.pk), f"{event.at:%Y-%m-%dT%H:%M:%S.%fZ}")
        assert event.pk.version == 7
        assert event.project == run.project_id
        numbers.append(told.pop("number"))
        assert told == {
            "actor": str(engine()), "actor_name": name, "details": {"a": 'ü"\n', "b": [1, None]},
            "kind": "run.paused", "object_id": str(run.pk), "object_type": "run",
            "organisation": str(run.organisation_id), "project": str(run.project_id), "run": str(run.pk),
            "source": source,
        }  # fmt: skip
    assert numbers == list(range(int(last) - 3, int(last) + 1))


NUMBERS = {
    "a fraction": '{"a":0.5}',
    "a whole number written as a fraction": '{"a":[1,1.0]}',
    "an exponent": '{"a":{"b":1e3}}',
    "a large exponent": '{"a":-2E+2}',
    "a negative zero": '{"a":[-0]}',
    "a negative zero with a fraction": '{"a":-0.0}',
    "a fraction after blanks": '{"a": \n\t 2.5}',
    "after a text that looks like its end": '{"a":"\\\\","b":1.5}',
    "beyond 2^53 - 1": '{"a":9007199254740992}',
    "far beyond": '{"a":-90071992547409910000}',
    "not a number": '{"a":NaN}',
    "infinite": '{"a":Infinity}',
    "half of a surrogate pair": '{"a":"\\ud83d"}',
}


@pytest.mark.parametrize("details", NUMBERS.values(), ids=NUMBERS.keys())
@pytest.mark.parametrize("door", ["ledger_record", "ledger_record_run"])
def test_what_readers_would_take_for_different_values_is_refused_by_the_database_too(
    db: None, northwind: Company, door: str, details: str
) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    before = Event.objects.count()
    reasons = "write it as text|invalid input syntax for type json"
    calls: dict[str, tuple[str, list[Any]]] = {
        "ledger_record": (CALL, [uuid4(), "run.started", engine(), details.encode()]),
        "ledger_record_run": (OF_A_RUN, [run.organisation_id, engine(), run.pk, "run.started", details]),
    }
    with (
        pytest.raises(DatabaseError, match=reasons),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(*calls[door])
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    "told",
    [
        {"largest": 2**53 - 1, "smallest": 1 - 2**53, "none": 0, "less": -5, "words": [True, False, None]},
        {"text": 'looks like ": -0, [1.5, 1e3 and 12345678901234567890 in it', "-0.5": "1.0"},
        {"quoted": '\\" : 1.5', "ends": "\\"},
        {"id": "00000000-0000-0000-0000-000000000000", "sha256": "1e" * 32, "at": "2026-01-01T00:00:00.5Z"},
    ],
    ids=["whole numbers", "numbers in text", "quotes in text", "digests and times"],
)
@pytest.mark.django_db
def test_what_only_looks_like_such_a_number_is_recorded(told: dict[str, object]) -> None:
    call("run.started", engine(), canonical(told))
    assert Event.objects.get(actor_name="Anna").details == told


@pytest.mark.parametrize("letter", ["\x01", "\u00fc", "\U0001f9fe"], ids=["escaped", "of two", "of four"])
@pytest.mark.django_db
def test_the_largest_record_of_all_fits_into_a_bundle(letter: str) -> None:
    """Whose frames count its bytes in sixteen bits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_record(%s, %s, %s, %s, %s, %s, NULL, %s)",
            [uuid4(), "a." + "b" * 58, engine(), letter * 200, letter * 40, uuid4(),
             canonical({"a": "x" * 29_992})],
        )  # fmt: skip
    assert 30_000 < len(bytes(Event.objects.get(actor_name=letter * 200).record)) <= 32_768


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
