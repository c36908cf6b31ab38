"""A portal of the benchmark's own: PostgreSQL with default durability, a broker, and databases to fill."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import django
import psycopg
from psycopg import sql

from portal.embedded.environment import borrow
from portal.embedded.places import Places
from portal.embedded.postgres import Postgres
from portal.embedded.valkey import Valkey
from tests.harness.environment import defaults

if TYPE_CHECKING:  # they can be imported once the settings are complete
    from tests.harness.databases import Databases
    from tests.harness.fresh import FreshDatabase

# What makes a commit durable; the measurement refuses a server on which somebody has switched one off.
DURABILITY = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


class Premises:
    """The benchmark's servers, stopped when this process ends, and its databases."""

    def __init__(self, var: Path) -> None:
        places = Places(var.resolve())
        self.postgres, self.valkey = Postgres(places), Valkey(places)
        os.environ.update(
            {
                **defaults(),
                **self.postgres.environment(),
                "LEDGER_DATABASE_URL": "",
                **self.valkey.environment(),
                "COUNTERSIGN_VAR": str(places.var),
                "SECRET_KEY": "only-for-benchmarks-" + "0123456789abcdef" * 4,
                "DJANGO_SETTINGS_MODULE": "portal.settings",
                "STEP_FUNCTION_MODULES": "tests.benchmarks.steps",
                "CELERY_SKIP_CHECKS": "1",  # the pages are not what is measured here
            }
        )
        for service in (self.postgres, self.valkey):
            borrow(service)
        self._hold_durability()
        django.setup()
        self._databases = self._prepared()

    def database(self) -> "FreshDatabase":
        """An empty portal with its cast; from now on Django's connections of this process lead there."""
        name = self._databases.copy()
        self._databases.use(name)
        return self.named(name)

    def use(self, database: "FreshDatabase") -> None:
        """From now on Django's connections of this process lead there."""
        self._databases.use(database.name)

    def note_on(self, name: str) -> str:
        """What was noted of the database of this name when it was kept, or nothing if there is none."""
        with self.superuser() as server:
            asked = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
            row = server.execute(asked, [name]).fetchone()
        return row[0] if row and row[0] else ""

    def named(self, name: str) -> "FreshDatabase":
        """A database that has been kept."""
        from tests.harness.fresh import FreshDatabase

        return FreshDatabase(self._databases, name)

    def keep(self, database: "FreshDatabase", name: str, *, note: str) -> "FreshDatabase":
        """Keep it under this name, in place of what was kept before."""
        with self.superuser() as server:
            kept = "SELECT datname FROM pg_database WHERE datname LIKE 'bench\\_history\\_%'"
            for (old,) in server.execute(kept).fetchall():
                server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))
            names = sql.Identifier(database.name), sql.Identifier(name)
            server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*names))
            server.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(names[1], sql.Literal(note)))
        return self.named(name)

    def drop(self, database: "FreshDatabase") -> None:
        """Drop one of them. Whatever worked in it has been stopped before."""
        self._databases.drop(database.name)

    def superuser(self, database: str = "postgres") -> psycopg.Connection:
        """The server's administrator, who may read what others do; autocommit."""
        socket = str(self.postgres.socket_folder)
        return psycopg.connect(host=socket, user="postgres", dbname=database, autocommit=True)

    def close(self) -> None:
        """Let go of the databases. The servers stop when the process ends."""
        self._databases.close()

    def _hold_durability(self) -> None:
        with self.superuser() as connection:
            for name, value in DURABILITY.items():
                row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
                if row is None or row[0] != value:
                    raise SystemExit(f"{name} is not {value}: what is measured there would not be durable.")

    def _prepared(self) -> "Databases":
        from tests.factories.cast import hire
        from tests.harness.databases import Databases

        return Databases(fill=hire)
