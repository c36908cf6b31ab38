"""Cases 29 to 33: the record, and what must and must not stand in it."""

import logging

import pytest
from django.db import connection

from governance.access.people import create_person
from governance.access.permissions import Role
from governance.access.services import grant_role
from governance.catalog.models import Asset, Version
from governance.catalog.services import create_asset, create_version
from governance.ledger.models import Event
from portal.observability import OneLine, visible
from tests.factories.cast import Company
from tests.factories.things import PROMPT, make_active, make_prompt
from tests.harness.fresh import FreshDatabase
from tests.visiting import sign_in, visitor

MARKUP = "<script>alert(1)</script>"
NASTY = 'Eve\n2026-01-01 INFO granted "admin"\r\x1b[31m\u202e\u2028' + MARKUP


def test_29_the_record_is_out_of_reach_of_the_application(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    """By privilege; that triggers stop the owner as well is held in `tests/database`."""
    make_active(northwind)
    before = Event.objects.count()
    with fresh_database.connect() as application:
        for statement in (
            "UPDATE ledger_event SET actor_name = 'nobody'",
            "DELETE FROM ledger_event",
            "TRUNCATE ledger_event",
            "DROP TABLE ledger_event",
            "ALTER TABLE ledger_event DISABLE TRIGGER ALL",
            "DROP FUNCTION refuse_change CASCADE",
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
            "SET ROLE countersign_owner",
            "SET session_replication_role = replica",
        ):
            with pytest.raises(Exception, match=r"permission denied|must be owner|denied"):
                application.execute(statement)
    assert Event.objects.count() == before


def test_31_without_its_event_no_change_happens(fresh_database: FreshDatabase, northwind: Company) -> None:
    asset = make_prompt(northwind).asset
    with fresh_database.connect("owner") as owner:
        owner.execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM countersign_app")

    with pytest.raises(Exception, match="permission denied for function ledger_record"):
        create_version(asset, actor=northwind.author, content=PROMPT, message="unrecorded")
    with pytest.raises(Exception, match="permission denied"):
        create_asset(northwind.project, actor=northwind.author, kind=Asset.Kind.PROMPT, slug="unrecorded")

    assert asset.versions.count() == 1
    assert not Asset.objects.filter(slug="unrecorded").exists()


def test_32_a_name_never_makes_a_second_log_line(caplog: pytest.LogCaptureFixture) -> None:
    record = logging.LogRecord("portal", logging.INFO, __file__, 1, "signed in: %s", (NASTY,), None)

    OneLine().filter(record)

    text = record.getMessage()
    assert len(text.splitlines()) == 1
    assert not any(sign in text for sign in ("\n", "\r", "\x1b", "\u202e", "\u2028"))
    assert r"\n2026-01-01" in text
    assert visible("plain Ægir 🧾") == "plain Ægir 🧾"


def test_32_a_name_is_shown_as_text_wherever_it_stands(northwind: Company) -> None:
    prompt = make_prompt(northwind)
    nasty = create_person(
        "eve@northwind.example", actor=northwind.owner, name=MARKUP, password=None,
        organisation=northwind.organisation,
    )  # fmt: skip
    grant_role(northwind.project, actor=northwind.owner, role=Role.AUTHOR, to=nasty, reason="hired")
    create_version(
        prompt.asset,
        actor=nasty,
        content=PROMPT,
        message='<script>alert("x")</script>{{ 7|add:7 }}',
    )
    client = visitor(northwind.auditor)

    for url in (f"/assets/{prompt.asset_id}/", "/ledger/", "/prompts/"):
        page = client.get(url, follow=True).content.decode()
        assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in client.get(f"/assets/{prompt.asset_id}/", follow=True).content.decode()


def test_33_a_secret_typed_into_the_sign_in_page_is_nowhere(
    northwind: Company, caplog: pytest.LogCaptureFixture
) -> None:
    canary = "canary-7f3a-secret"
    with caplog.at_level(logging.DEBUG):
        client = visitor()
        wrong = sign_in(client, northwind.author.email, canary)
        bearer = client.get("/api/v1/me/", headers={"Authorization": f"Bearer csn_0123456789ab_{canary}"})
        missing = client.get("/nowhere/", headers={"Authorization": f"Bearer {canary}"})

    for answer in (wrong, bearer, missing):
        assert canary not in answer.content.decode()
    assert canary not in caplog.text
    assert canary not in everything_stored()


def everything_stored() -> str:
    """Every row of every table that the application may read, as text."""
    text = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            " AND has_table_privilege(oid, 'SELECT')"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT "{table}"::text FROM "{table}"')  # noqa: S608 - names from the catalogue
            text += [str(row[0]) for row in cursor.fetchall()]
    return "\n".join(text)


def test_33_what_was_stored_would_be_found(northwind: Company) -> None:
    """The search above reads what it should."""
    version = make_prompt(northwind, text="canary-of-the-search")

    assert northwind.author.email in everything_stored()
    assert bytes(Version.objects.get(pk=version.pk).content).hex() in everything_stored()
