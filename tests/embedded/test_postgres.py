"""The embedded PostgreSQL: private, with two roles, and none the worse for a kill."""

import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from portal.embedded.places import Places
from portal.embedded.postgres import DATABASE, Postgres
from portal.embedded.sizing import sizes
from portal.env import ROOT
from tests.embedded.conftest import kill
from tests.waiting import wait_until

pytestmark = pytest.mark.embedded


def app(server: Postgres) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(server.environment()["DATABASE_URL"], autocommit=True)


def owner(server: Postgres) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(server.environment()["OWNER_DATABASE_URL"], autocommit=True)


def test_it_is_postgresql_18_and_listens_to_no_network_address(postgres: Postgres) -> None:
    with owner(postgres) as connection:
        version, addresses = connection.execute(
            "SELECT current_setting('server_version_num')::int / 10000, current_setting('listen_addresses')"
        ).fetchone() or (0, "?")
    assert (version, addresses) == (18, "")


def test_its_data_and_socket_are_closed_to_other_accounts(postgres: Postgres) -> None:
    folder = postgres.places.postgres
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((postgres.socket_folder / ".s.PGSQL.5432").stat().st_mode) == 0o700


def test_every_commit_reaches_the_disk(postgres: Postgres) -> None:
    with owner(postgres) as connection:
        row = connection.execute(
            "SELECT current_setting('fsync'), current_setting('synchronous_commit')"
        ).fetchone()
    assert row == ("on", "on")


@pytest.mark.parametrize(
    ("gigabytes", "buffers"), [(0.5, "128MB"), (4, "512MB"), (8, "1024MB"), (256, "1024MB")]
)
def test_its_buffers_are_a_share_of_the_memory_within_bounds(gigabytes: float, buffers: str) -> None:
    assert f"shared_buffers = '{buffers}'" in sizes(int(gigabytes * 1024**3))


def test_it_runs_with_these_sizes(postgres: Postgres) -> None:
    with owner(postgres) as connection:
        row = connection.execute(
            "SELECT pg_size_bytes(current_setting('shared_buffers')) / 1024 / 1024,"
            " current_setting('max_wal_size'), current_setting('checkpoint_timeout')"
        ).fetchone()
    assert row is not None
    buffers, *log = row
    assert f"shared_buffers = '{buffers}MB'" in sizes(psutil.virtual_memory().total)
    assert log == ["4GB", "15min"]


def test_text_search_sees_quotation_marks_for_what_they_are(postgres: Postgres) -> None:
    with owner(postgres) as connection:
        row = connection.execute(
            "SELECT to_tsvector('simple', '“Élan” … café') @@ 'élan'::tsquery"
        ).fetchone()
    assert row == (True,)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine ()",
        "CREATE TEMPORARY TABLE mine ()",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "SELECT lo_create(0)",
    ],
)
def test_the_applications_role_makes_nothing(postgres: Postgres, statement: str) -> None:
    with app(postgres) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_the_applications_role_cannot_become_the_owner(postgres: Postgres) -> None:
    with app(postgres) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SET ROLE countersign_owner")


def test_a_wrong_password_is_refused(postgres: Postgres) -> None:
    host = quote(str(postgres.socket_folder), safe="")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgresql://countersign_owner:guess@/countersign?host={host}")


def test_a_killed_server_starts_again_with_what_was_committed(postgres: Postgres) -> None:
    with owner(postgres) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('kept')")
    first = postgres.pid()
    kill(first)
    wait_until(lambda: postgres.pid() is None)

    postgres.ensure()

    assert postgres.pid() not in (None, first)
    with owner(postgres) as connection:
        assert connection.execute("SELECT word FROM kept").fetchall() == [("kept",)]


def test_commands_that_start_at_once_share_one_server_and_the_last_one_stops_it(places: Places) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from portal.embedded import environment; from portal.embedded.places import Places\n"
        "from portal.embedded.postgres import DATABASE, Postgres\n"
        "server = Postgres(Places(Path(sys.argv[1]))); environment.borrow(server)\n"
        "print(server.pid(), flush=True); sys.stdin.read(); time.sleep(float(sys.argv[2]))"
    )
    commands = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(places.var), str(seconds)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seconds in (0.0, 0.0, 1.0)
    ]
    printed = [command.stdout.readline().strip() for command in commands if command.stdout]
    for command in commands:  # each may leave now that all are there
        command.communicate(timeout=60)
    assert len(printed) == 3
    assert len(set(printed)) == 1
    assert printed[0].isdigit()
    assert Postgres(places).pid() is None


def test_a_path_too_long_for_a_socket_is_no_hindrance_and_leaves_nothing_behind(places: Places) -> None:
    odd = ('it\'s "odd" \\ $HOME ' * 2).strip()
    server = Postgres(Places(places.var / ("long " * 15) / odd / "var"))
    server.ensure()
    try:
        with app(server) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("countersign_app",)
        socket_folder = Path(str(conninfo_to_dict(server.environment()["DATABASE_URL"])["host"]))
        assert not socket_folder.is_relative_to(places.var)
        assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
    finally:
        server.stop()
    assert not socket_folder.exists()


def test_a_server_of_an_earlier_version_gets_the_roles_that_it_lacks(postgres: Postgres) -> None:
    host = str(postgres.socket_folder)
    for database in (DATABASE, "template1", "postgres"):
        with psycopg.connect(host=host, user="postgres", dbname=database, autocommit=True) as superuser:
            superuser.execute("DROP OWNED BY countersign_keeper")
    with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as superuser:
        superuser.execute("DROP ROLE countersign_keeper")

    postgres.ensure()

    with psycopg.connect(postgres.environment()["LEDGER_DATABASE_URL"]) as keeper:
        assert keeper.execute("SELECT current_user").fetchone() == ("countersign_keeper",)
