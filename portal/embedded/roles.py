"""The three roles of the portal and its database, put in place at every start of the embedded server."""

from pathlib import Path

import psycopg
from psycopg import sql

ROLES = Path(__file__).with_name("sql") / "roles.sql"
LARGE_OBJECTS = ROLES.with_name("large_objects.sql")


def known_roles(socket_folder: Path) -> set[str]:
    """The names of the server's roles."""
    with psycopg.connect(host=str(socket_folder), user="postgres", dbname="postgres") as keeper:
        return {name for (name,) in keeper.execute("SELECT rolname FROM pg_roles")}


def prepare_roles(socket_folder: Path, *, database: str, passwords: dict[str, str]) -> None:
    """Have roles with these passwords, and a database owned by `countersign_owner`. Safe to repeat."""
    host = str(socket_folder)
    with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as keeper:
        keeper.execute(ROLES.read_text())
        for role, password in passwords.items():
            keeper.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
            )
        # The embedded owner may make the databases of the test suite; an external one need not.
        keeper.execute("ALTER ROLE countersign_owner CREATEDB")
        if not keeper.execute("SELECT FROM pg_database WHERE datname = %s", [database]).rowcount:
            create = sql.SQL("CREATE DATABASE {} OWNER countersign_owner").format(sql.Identifier(database))
            keeper.execute(create)
        reserve = sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database))
        keeper.execute(reserve)
        grant = sql.SQL("GRANT CONNECT ON DATABASE {} TO countersign_app, countersign_keeper")
        keeper.execute(grant.format(sql.Identifier(database)))
    for name in (database, "template1"):  # and so in each database that is made from now on
        with psycopg.connect(host=host, user="postgres", dbname=name, autocommit=True) as keeper:
            keeper.execute(LARGE_OBJECTS.read_text())
