"""What governs is told by the database itself, however it is written, and refused when nobody is named."""

from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.urls import reverse
from guardian.shortcuts import assign_perm

from governance.access.organisations import (
    add_owner,
    add_to_team,
    create_project,
    create_team,
    remove_from_team,
    remove_owner,
)
from governance.access.people import disable_person
from governance.accounts.models import Project, Team, User
from governance.catalog.models import Version
from governance.ledger.acting import acting
from tests.factories.captured import Told
from tests.factories.cast import Company
from tests.factories.things import make_prompt
from tests.harness.fresh import FreshDatabase
from tests.visiting import visitor


def retire(company: Company) -> None:
    User.objects.filter(employer=company.organisation, email__startswith="a").update(is_active=False)


def bulk(company: Company) -> None:
    people = list(User.objects.filter(employer=company.organisation, email__startswith="a"))
    for person in people:
        person.is_active = False
    User.objects.bulk_update(people, ["is_active"])


def raw(company: Company) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_user SET is_active = false WHERE employer_id = %s AND email LIKE 'a%%'",
            [company.organisation.pk],
        )


@pytest.mark.parametrize("write", [retire, bulk, raw])
def test_every_row_of_a_statement_is_told(
    fresh_database: FreshDatabase, northwind: Company, write: Callable[[Company], None]
) -> None:
    people = User.objects.filter(employer=northwind.organisation, email__startswith="a").count()
    told = Told()
    with acting(northwind.owner):
        write(northwind)

    assert people == 3
    assert told.rows() == [("row.changed", "accounts_user", northwind.owner.pk)] * 3
    event = told.last("accounts_user")
    assert event.holds
    assert event.organisation == northwind.organisation.pk
    assert event.details["columns"] == ["is_active"]
    assert event.details["key"] == str(event.object_id)
    assert event.details["before"] != event.details["after"]


@pytest.mark.parametrize("write", [retire, bulk, raw])
def test_nobody_changes_what_governs_without_a_name(
    fresh_database: FreshDatabase, northwind: Company, write: Callable[[Company], None]
) -> None:
    told = Told()
    with pytest.raises(IntegrityError, match="nobody is named who changes accounts_user"):
        write(northwind)

    assert told.rows() == []
    assert User.objects.filter(employer=northwind.organisation, is_active=False).count() == 1


def test_an_actor_without_an_account_is_nobody(fresh_database: FreshDatabase, northwind: Company) -> None:
    with fresh_database.connect() as session:
        with pytest.raises(psycopg.errors.CheckViolation, match="account of this actor"):
            session.execute("SELECT ledger_act(%s)", [UUID(int=7)])
        session.execute("SELECT set_config('countersign.actor', %s, false)", [str(UUID(int=7))])
        with pytest.raises(psycopg.errors.CheckViolation, match="nobody is named"):
            session.execute("UPDATE accounts_user SET is_active = false")

    assert northwind.author.is_active


def test_who_is_named_is_named_for_one_transaction(fresh_database: FreshDatabase, northwind: Company) -> None:
    disable_person(northwind.operator, actor=northwind.owner, organisation=northwind.organisation)
    with pytest.raises(IntegrityError, match="nobody is named"):
        retire(northwind)
    with acting(northwind.owner):
        pass
    with pytest.raises(IntegrityError, match="nobody is named"):
        retire(northwind)


def test_who_was_named_in_a_savepoint_that_was_rolled_back_is_not_named(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    def named_in_vain() -> None:
        with transaction.atomic():
            retire(northwind)
            with pytest.raises(KeyError), acting(northwind.owner):
                raise KeyError

    with pytest.raises(IntegrityError, match="nobody is named"):
        named_in_vain()


def test_a_service_s_rows_are_told_in_the_name_that_its_event_gives(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    told = Told()
    version = make_prompt(northwind)

    author = northwind.author.pk
    assert told.rows() == [
        ("row.inserted", "catalog_asset", author), ("row.inserted", "catalog_version", author),
    ]  # fmt: skip
    event = told.last("catalog_version")
    assert (event.project, event.organisation) == (northwind.project.pk, northwind.organisation.pk)
    assert event.object_id == version.pk
    assert event.details["before"] is None
    assert set(event.details["columns"]) == {field.column for field in Version._meta.concrete_fields}


def test_members_of_teams_and_owners_are_told(fresh_database: FreshDatabase, northwind: Company) -> None:
    """The tables between, whose rows no model has."""
    told, owner = Told(), northwind.owner
    team = create_team(northwind.organisation, actor=owner, name="Desk")
    add_to_team(team, actor=owner, person=northwind.author)
    remove_from_team(team, actor=owner, person=northwind.author)
    add_owner(northwind.organisation, actor=owner, person=northwind.auditor)
    remove_owner(northwind.organisation, actor=owner, person=northwind.auditor)

    for table in ("accounts_user_groups", "accounts_platform_owner"):
        assert told.rows(table) == [("row.inserted", table, owner.pk), ("row.deleted", table, owner.pk)]
        event = told.last(table)
        assert event.organisation == northwind.organisation.pk
        assert event.details["after"] is None
    assert Team.objects.get(pk=team.pk).name == "Desk"


def test_what_goes_along_with_a_row_is_told_too(fresh_database: FreshDatabase, northwind: Company) -> None:
    """Rows of guardian's tables hang on what they permit, which the tables' owner alone could delete."""
    project = create_project(northwind.organisation, actor=northwind.owner, slug="short", name="Short-lived")
    with acting(northwind.owner):
        assign_perm("view_project", northwind.stranger, project)
    told = Told()
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT ledger_act(%s)", [northwind.owner.pk])
        Project.objects.using("owner").get(pk=project.pk).delete()

    assert sorted(told.rows()) == [
        ("row.deleted", "access_project_user_permission", northwind.owner.pk),
        ("row.deleted", "accounts_project", northwind.owner.pk),
    ]


def test_copy_is_told_row_by_row(fresh_database: FreshDatabase, northwind: Company) -> None:
    told = Told()
    names = [f"copied-{number}" for number in range(3)]

    def copied(session: psycopg.Connection) -> None:
        with (
            session.cursor() as cursor,
            cursor.copy(
                "COPY accounts_project (id, organisation_id, slug, name, created_at) FROM STDIN"
            ) as copy,
        ):
            for number, name in enumerate(names, 1):
                copy.write_row([UUID(int=number), northwind.organisation.pk, name, name, "2026-11-22"])

    with fresh_database.connect() as session:
        with pytest.raises(psycopg.errors.CheckViolation, match="nobody is named"):
            copied(session)
        with session.transaction():
            session.execute("SELECT ledger_act(%s)", [northwind.owner.pk])
            copied(session)

    assert told.rows() == [("row.inserted", "accounts_project", northwind.owner.pk)] * 3
    assert Project.objects.filter(slug__in=names).count() == 3


def test_the_admin_s_rows_are_told(fresh_database: FreshDatabase, northwind: Company) -> None:
    told = Told()
    answer = visitor(northwind.owner).post(
        reverse("admin:governance_project_add"),
        {"organisation": str(northwind.organisation.pk), "slug": "by-hand", "name": "By hand"},
    )

    assert answer.status_code == 302
    assert told.rows("accounts_project") == [("row.inserted", "accounts_project", northwind.owner.pk)]


def test_a_superuser_in_replica_mode_is_told_too(
    fresh_database: FreshDatabase, superuser: psycopg.Connection, northwind: Company
) -> None:
    told = Told()
    superuser.execute("SET session_replication_role = replica")
    change = "UPDATE accounts_user SET is_active = false WHERE id = %s"
    with pytest.raises(psycopg.errors.CheckViolation, match="nobody is named"):
        superuser.execute(change, [northwind.author.pk])
    with superuser.transaction():
        superuser.execute("SELECT ledger_act(%s)", [northwind.owner.pk])
        superuser.execute(change, [northwind.author.pk])
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
        superuser.execute("TRUNCATE accounts_team CASCADE")

    assert told.rows() == [("row.changed", "accounts_user", northwind.owner.pk)]


def test_the_application_puts_the_trigger_on_no_table_of_its_own(fresh_database: FreshDatabase) -> None:
    """Else a table that it calls `accounts_user` would tell of rows that never were."""
    with fresh_database.connect("owner") as owner:
        owner.execute("GRANT TEMPORARY ON DATABASE " + fresh_database.name + " TO PUBLIC")
    with fresh_database.connect() as session:
        session.execute("CREATE TEMPORARY TABLE accounts_user (id uuid, is_active boolean)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(
                "CREATE TRIGGER capture AFTER INSERT ON pg_temp.accounts_user FOR EACH ROW"
                " EXECUTE FUNCTION ledger_capture('person', 'id', '', '')"
            )
