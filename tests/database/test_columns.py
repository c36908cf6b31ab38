"""Of a stored row of governance only the named columns change, whoever asks: all others are tried here."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.apps import apps
from django.db import models
from psycopg import sql

from governance.access.models import ApiToken, Grant
from governance.access.organisations import create_team
from governance.access.permissions import Scope
from governance.access.services import revoke_role
from governance.access.tokens import create_token, revoke_token
from governance.accounts.models import User
from governance.approvals.models import Vote
from governance.approvals.services import vote
from governance.errors import NotAllowed
from governance.ledger.acting import acting
from portal.database.grants import privileges
from portal.database.guards import CHANGING, KEPT
from tests.factories.cast import Company
from tests.factories.things import make_release
from tests.harness.fresh import FreshDatabase

Refused = psycopg.errors.IntegrityConstraintViolation

# What services change. Everything else of these tables is tried below.
CHANGES: dict[str, set[str]] = {
    "accounts_user": {"password", "last_login", "is_active", "is_staff", "must_replace_password"},
    "accounts_organisation": set(),
    "accounts_project": set(),
    "accounts_team": set(),
    "catalog_asset": set(),
    "access_grant": {"revoked_at"},
    "access_api_token": {"last_used_at", "revoked_at"},
    "access_refusal": {"count", "last_at"},
    "approvals_request": {"state", "decided_at"},
}
GOVERNED = apps.get_app_config("governance").get_models(include_auto_created=True)
BY_TABLE: dict[str, type[models.Model]] = {model._meta.db_table: model for model in GOVERNED}


def test_every_table_that_may_be_changed_says_in_what() -> None:
    changing = {table for table, model in BY_TABLE.items() if "UPDATE" in privileges(model)}

    assert changing == set(CHANGES) == {*CHANGING, *KEPT} & set(BY_TABLE)


@pytest.fixture
def stored(fresh_database: FreshDatabase, northwind: Company) -> FreshDatabase:
    """A database in which each of the tables has a row."""
    request = make_release(northwind).request
    with pytest.raises(NotAllowed):
        vote(
            request, actor=northwind.author, decision=Vote.Decision.APPROVE, reason="x", digest=request.digest
        )
    create_team(northwind.organisation, actor=northwind.owner, name="Risk")
    create_token(
        northwind.operator,
        actor=northwind.operator,
        organisation=northwind.organisation,
        name="nightly job",
        scopes=[Scope.READ],
        life=timedelta(days=1),
        project=northwind.project,
    )
    return fresh_database


def test_no_other_column_changes(stored: FreshDatabase) -> None:
    with stored.connect() as application:
        for table, free in CHANGES.items():
            for column, other in others(table, free):
                with pytest.raises(Refused, match=r"stays|cannot be changed"):
                    application.execute(statement(table, column), [other])


def test_the_owner_of_the_tables_meets_the_same(stored: FreshDatabase) -> None:
    with stored.connect("owner") as owner:
        for change in ("is_superuser = true", "employer_id = NULL", "name = 'Somebody Else'"):
            with pytest.raises(Refused, match="stays"):
                owner.execute(sql.SQL("UPDATE accounts_user SET {}").format(sql.SQL(change)))


def test_a_search_path_of_the_session_does_not_change_what_is_asked(stored: FreshDatabase) -> None:
    with stored.connect("owner") as owner:
        owner.execute("""
            CREATE SCHEMA other;
            CREATE FUNCTION other.to_jsonb(anyelement) RETURNS jsonb LANGUAGE sql AS $$ SELECT '{}'::jsonb $$;
            SET search_path = other, pg_catalog, public
        """)
        with pytest.raises(Refused, match="stays"):
            owner.execute("UPDATE accounts_user SET is_superuser = true")


def test_what_services_change_is_let_through(stored: FreshDatabase, northwind: Company) -> None:
    with stored.connect() as application, application.transaction():
        application.execute("SELECT ledger_act(%s)", [northwind.author.pk])
        for table, column in (("accounts_user", "password"), ("access_api_token", "last_used_at")):
            value = "x" if column == "password" else northwind.author.created_at
            assert application.execute(statement(table, column), [value]).rowcount
    person = User.objects.get(pk=northwind.author.pk)
    person.set_password("an entirely different sentence")
    with acting(person):
        person.save()  # every column, the others as they were


def test_what_has_ended_does_not_begin_again(stored: FreshDatabase, northwind: Company) -> None:
    revoke_role(Grant.objects.filter(project=northwind.project)[0], actor=northwind.owner, reason="left")
    revoke_token(ApiToken.objects.get(), actor=northwind.operator)

    with stored.connect() as application:
        for table in ("access_grant", "access_api_token"):
            for value in ("NULL", "now()"):
                with pytest.raises(Refused, match="what revoked_at says"):
                    application.execute(
                        sql.SQL("UPDATE {} SET revoked_at = {} WHERE revoked_at IS NOT NULL").format(
                            sql.Identifier(table), sql.SQL(value)
                        )
                    )


def statement(table: str, column: str) -> sql.Composed:
    """Change the column in every row."""
    return sql.SQL("UPDATE {} SET {} = %s").format(sql.Identifier(table), sql.Identifier(column))


def others(table: str, free: set[str]) -> Iterator[tuple[str, Any]]:
    """Each column that stays, with a value that no row has."""
    for field in BY_TABLE[table]._meta.concrete_fields:
        if (column := str(field.column)) not in free:
            yield column, other(field)


def other(field: Any) -> Any:
    """A value that no row has in this column."""
    target = field.target_field if field.is_relation else field
    match target:
        case models.UUIDField():
            return uuid4()
        case models.BooleanField():
            return True
        case models.IntegerField():
            return 77
        case models.DateTimeField():
            return "1999-12-31T00:00:00Z"
        case models.CharField():
            return "other"
        case _:
            return ["other"]
