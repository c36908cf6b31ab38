"""Where the keeper has a role of its own, the application's password signs and thaws nothing."""

from pathlib import Path

import psycopg
import pytest
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connections

from governance.accounts.models import User
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.proof.findings import Finding
from governance.proof.freezing import freeze, thaw
from governance.proof.keeping import Keeper
from governance.proof.models import Checkpoint, Freeze, Thaw, Verification
from governance.proof.verifying.whole import verify_all
from portal.database.grants import KEEPING_DOORS, apply_grants
from portal.database.protection import faults
from tests.factories.cast import Company
from tests.factories.logs import fill, signer
from tests.harness.fresh import FreshDatabase
from tests.harness.keepers_role import KEEPER, as_keeper, keepers_connection, set_apart

ROWS = ("ledger_tile", "ledger_key", "ledger_verification", "ledger_freeze", "ledger_thaw")
HOLDS = "SELECT ledger_keep_round(1, 1, '[]', 0)"


@pytest.fixture
def apart(fresh_database: FreshDatabase) -> FreshDatabase:
    set_apart(fresh_database)
    return fresh_database


def warned() -> list[str]:
    found = run_checks(tags=[Tags.database], databases=["default"])
    return [problem.id for problem in found if problem.id and problem.id != "portal.W001"]


def test_the_keeper_does_all_its_work_by_its_own_role(
    apart: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    fill(northwind, 300)
    with as_keeper():
        with signer(tmp_path) as found:
            keeper = Keeper(found, checkpoint_seconds=60)
            keeper.start()
            keeper.attest(wanted=True)
        assert faults(connections["default"]) == []
        finding = Finding("tried", "Tried.", northwind.organisation.pk)
        assert freeze(finding, actor=User.objects.system("keeper"))
        thaw(Freeze.objects.get(), actor=northwind.owner, reason="A drill.")
        assert verify_all(state=tmp_path / "state").holds

    assert Checkpoint.objects.filter(log=northwind.organisation.pk).exists()
    assert Verification.objects.get().holds
    told = Event.objects.filter(kind__in=[Kind.LEDGER_FROZEN, Kind.LEDGER_THAWED]).order_by("id")
    assert [event.organisation for event in told] == [northwind.organisation.pk] * 2
    assert faults(connections["default"]) == []
    assert warned() == []


@pytest.mark.parametrize("door", KEEPING_DOORS)
def test_the_application_may_execute_none_of_the_keepers_functions(door: str, apart: FreshDatabase) -> None:
    name, types = door.removesuffix(")").split("(")
    given = ", ".join(f"NULL::{each}" for each in types.split(", "))
    with apart.connect() as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(f"SELECT {name}({given})")


@pytest.mark.parametrize("table", ROWS)
def test_nobody_inserts_what_the_keeper_says_by_a_statement_of_ones_own(
    table: str, apart: FreshDatabase
) -> None:
    words = f"INSERT INTO {table} SELECT * FROM {table}"  # noqa: S608 - a name of this file
    for session in (apart.connect(), keepers_connection(apart)):
        with session, pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(words)


def test_the_keeper_writes_nothing_else_and_reads_no_content(apart: FreshDatabase) -> None:
    with keepers_connection(apart) as keeper:
        for words in (
            "UPDATE accounts_user SET is_active = true",
            "SELECT body FROM runs_artifact",
            "SELECT id FROM access_api_token",
            "DELETE FROM ledger_event",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                keeper.execute(words)


def test_what_is_loosened_is_told_to_both(apart: FreshDatabase) -> None:
    with apart.connect("owner") as owner:
        owner.execute("GRANT EXECUTE ON FUNCTION ledger_thaw_by(uuid, bytea) TO countersign_app")
        owner.execute("GRANT UPDATE ON catalog_version TO countersign_app")
        owner.execute(f"GRANT INSERT ON accounts_team TO {KEEPER}")

    told = [
        "The application's role may UPDATE on catalog_version.",
        "The application's role may execute ledger_thaw_by(uuid, bytea).",
    ]
    assert faults(connections["default"]) == told
    with as_keeper():
        assert faults(connections["default"]) == [*told, "The keeper's role may INSERT on accounts_team."]


def test_a_migration_that_is_not_told_of_the_keeper_leaves_it_what_it_has(apart: FreshDatabase) -> None:
    apply_grants(alias="owner", role=connections.settings["default"]["USER"])

    with apart.connect() as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(HOLDS)
    with keepers_connection(apart) as keeper:
        keeper.execute(HOLDS)


def test_nobody_but_an_owner_is_named_in_a_thaw_even_by_the_keepers_own_role(
    apart: FreshDatabase, northwind: Company, rival: Company
) -> None:
    with as_keeper():
        freeze(Finding("tried", "Tried.", northwind.organisation.pk), actor=User.objects.system("keeper"))
    details = f'{{"freeze":"{Freeze.objects.get().pk}","reason":"Forged."}}'.encode()
    with keepers_connection(apart) as keeper:
        for person in (northwind.approver, rival.owner):
            with pytest.raises(psycopg.errors.CheckViolation, match="platform owner"):
                keeper.execute("SELECT ledger_thaw_by(%s, %s)", [person.pk, details])
    assert not Thaw.objects.exists()


def test_without_the_keepers_address_the_command_says_what_it_may_not(
    apart: FreshDatabase, northwind: Company
) -> None:
    with as_keeper():
        freeze(Finding("tried", "Tried.", northwind.organisation.pk), actor=User.objects.system("keeper"))
    given = [str(Freeze.objects.get().pk), "--by", northwind.owner.email, "--reason", "A drill."]

    with pytest.raises(CommandError, match="LEDGER_DATABASE_URL"):
        call_command("ledger", "thaw", *given)
    with as_keeper():
        call_command("ledger", "thaw", *given)
    assert Thaw.objects.get().reason == "A drill."


def test_where_one_role_does_both_the_self_test_warns(fresh_database: FreshDatabase) -> None:
    assert warned() == ["portal.W006"]
    with pytest.raises(ProgrammingError), connections["default"].cursor() as cursor:
        cursor.execute("INSERT INTO ledger_thaw SELECT * FROM ledger_thaw")
