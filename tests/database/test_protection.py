"""The self-test that stands before serving: it is silent when all is well and names every fault."""

import psycopg
import pytest
from django.core.checks import Tags, run_checks
from django.db import connections

from portal.database.grants import LEDGER_DOORS
from portal.database.guards import guards
from portal.database.protection import faults
from portal.embedded.roles import LARGE_OBJECTS
from tests.harness.environment import embedded
from tests.harness.fresh import FreshDatabase


@pytest.mark.django_db
def test_a_migrated_database_has_no_fault() -> None:
    assert faults(connections["default"]) == []
    found = run_checks(tags=[Tags.database], databases=["default"])
    assert [problem for problem in found if problem.is_serious()] == []


@pytest.mark.django_db
def test_the_check_asks_nothing_unless_the_database_is_meant() -> None:
    assert run_checks(tags=[Tags.database], databases=None) == []


@pytest.mark.parametrize(
    ("mischief", "fault"),
    [
        ("GRANT UPDATE ON catalog_version TO countersign_app", "may UPDATE on catalog_version"),
        ("GRANT UPDATE (content) ON catalog_version TO countersign_app", "may UPDATE on catalog_version"),
        ("GRANT INSERT ON ledger_event TO countersign_app", "may INSERT on ledger_event"),
        ("GRANT TRUNCATE ON runs_step TO countersign_app", "may TRUNCATE on runs_step"),
        ("GRANT DELETE ON accounts_user TO PUBLIC", "may DELETE on accounts_user"),
        ("GRANT TRIGGER ON ledger_event TO countersign_app", "may TRIGGER on ledger_event"),
        ("REVOKE SELECT ON ledger_event FROM countersign_app", "may not SELECT on ledger_event"),
        ("GRANT CREATE ON SCHEMA public TO countersign_app", "may create tables in the schema"),
        ("DROP TRIGGER refuse_change ON ledger_event", "refuse_change of ledger_event is missing"),
        ("ALTER TABLE ledger_event DISABLE TRIGGER refuse_truncate", "refuse_truncate of ledger_event"),
        ("ALTER TABLE catalog_pin ENABLE TRIGGER refuse_change", "refuse_change of catalog_pin"),
        ("ALTER TABLE runs_run DISABLE TRIGGER ALL", "guard_run of runs_run"),
        ("ALTER TABLE approvals_request DISABLE TRIGGER guard_request", "guard_request of approvals_request"),
        *((f"GRANT EXECUTE ON FUNCTION {door} TO PUBLIC", "open to everybody") for door in LEDGER_DOORS),
        *((f"ALTER FUNCTION {door} SECURITY INVOKER", "not the owner's") for door in LEDGER_DOORS),
    ],
)
def test_every_loosening_is_named(mischief: str, fault: str, fresh_database: FreshDatabase) -> None:
    with fresh_database.connect("owner") as owner:
        owner.execute(mischief.replace("DISABLE TRIGGER ALL", "DISABLE TRIGGER USER"))

    assert any(fault in found for found in faults(connections["default"]))
    assert run_checks(tags=[Tags.database], databases=["default"])[0].id == "portal.E001"


def test_a_table_that_is_not_ours_is_a_warning_and_an_extensions_view_is_nothing(
    fresh_database: FreshDatabase,
    superuser: psycopg.Connection,
) -> None:
    """A newer portal's tables look like this to a process of the one before."""
    superuser.execute("CREATE TABLE other (x int); GRANT SELECT, INSERT ON other TO countersign_app")
    superuser.execute("CREATE VIEW statistics AS SELECT 1 AS x; GRANT SELECT ON statistics TO PUBLIC")
    superuser.execute("ALTER EXTENSION plpgsql ADD VIEW statistics")

    assert faults(connections["default"]) == []
    found = run_checks(tags=[Tags.database], databases=["default"])
    assert not any(problem.is_serious() for problem in found)
    (told,) = [problem.msg for problem in found if problem.id == "portal.W004"]
    assert "may INSERT, SELECT on other" in told


def test_the_owner_itself_would_be_refused(fresh_database: FreshDatabase) -> None:
    found = faults(connections["owner"])

    assert any("owns tables of the portal" in fault for fault in found)


def test_a_superuser_in_replica_mode_meets_the_triggers(
    fresh_database: FreshDatabase, superuser: psycopg.Connection
) -> None:
    """`session_replication_role = replica` silences ordinary triggers; these are enabled always."""
    superuser.execute("SET session_replication_role = replica")
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
        superuser.execute("DELETE FROM ledger_event")


def test_large_objects_are_a_warning_until_the_administrator_takes_them_away(
    fresh_database: FreshDatabase,
    superuser: psycopg.Connection,
) -> None:
    """It does not keep the portal from serving: not everybody is given the administrator's account."""
    superuser.execute("GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC")
    before = run_checks(tags=[Tags.database], databases=["default"])
    superuser.execute(LARGE_OBJECTS.read_text())
    superuser.execute(LARGE_OBJECTS.read_text())

    assert {(problem.id, problem.is_serious()) for problem in before} == {
        ("portal.W001", False),
        ("portal.W006", False),  # in the tests the application's role is the keeper's, too
    }
    after = run_checks(tags=[Tags.database], databases=["default"])
    assert [problem.id for problem in after] == ["portal.W006"]
    with fresh_database.connect() as application:
        for call in ("lo_create(0)", "lo_from_bytea(0, 'x')", "lo_put(1, 0, 'x')", "lo_import('/x')"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute(f"SELECT {call}")


def test_a_way_to_the_files_and_programs_of_the_server_is_named(fresh_database: FreshDatabase) -> None:
    server = embedded()
    if server is None:
        pytest.skip("needs the superuser of the embedded server")
    with psycopg.connect(
        host=str(server.socket_folder), user="postgres", dbname=fresh_database.name
    ) as superuser:
        superuser.execute("GRANT EXECUTE ON FUNCTION pg_read_file(text) TO PUBLIC")
        superuser.commit()

    assert faults(connections["default"]) == ["The application's role may execute pg_read_file."]
    with fresh_database.connect() as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute("COPY (SELECT 1) TO PROGRAM 'cat'")


def test_every_guarded_table_exists(fresh_database: FreshDatabase) -> None:
    with fresh_database.connect() as application:
        for table in guards():
            assert application.execute("SELECT to_regclass(%s)", [table]).fetchone() != (None,)
