"""The databases of a run: a migrated template kept between runs, one with the cast in it, and copies of that.

    countersign_template_<digest of migrations>   kept; rebuilt when a migration changes
    countersign_cast_<digest of source>           kept; the same with the cast, made by services
    countersign_test_<process>_<n>                a copy for this run, or for one test; dropped afterwards

Databases that no run has taken for two hours are dropped by the next, and so are copies of killed runs:
each run holds an advisory lock on the names of its copies, which ends with the run's connection.
"""

import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from portal.env import ROOT
from tests.waiting import wait_until

ALIASES = ("default", "owner")
UNUSED_AFTER = timedelta(hours=2)
BUILDING = 20_250_611  # any number will do, as long as every run takes the same


class Databases:
    """Makes and drops the databases of one run, over one connection as their owner."""

    def __init__(self, fill: Callable[[], None]) -> None:
        """`fill` writes the cast through services; it runs once for each state of the source."""
        self._numbers = count(1)
        self._home = {alias: str(connections.settings[alias]["NAME"]) for alias in ALIASES}
        self._keeper = psycopg.connect(**self.address("owner"), autocommit=True)
        self._keeper.execute("SELECT pg_advisory_lock(%s)", [BUILDING])
        try:
            template = self._built(f"countersign_template_{migrations_digest()}", "template0", _migrate)
            self._cast = self._built(f"countersign_cast_{source_digest()}", template, fill)
            self._sweep()
        finally:
            self._keeper.execute("SELECT pg_advisory_unlock(%s)", [BUILDING])

    def address(self, alias: str, *, database: str | None = None) -> dict[str, Any]:
        """The connection parameters of a role, for psycopg; `database` defaults to the role's home."""
        found = connections.settings[alias]
        parameters = {"user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
        given = {name: found[key] for name, key in parameters.items() if found[key]}
        return {**given, "dbname": database or self._home[alias]}

    def copy(self, source: str | None = None) -> str:
        """A new database with the cast in it, or with what stands in another; for this run alone."""
        name = f"countersign_test_{os.getpid()}_{next(self._numbers)}"
        self._keeper.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        self._drop(name)
        self._create(name, source or self._cast)
        return name

    def drop(self, name: str) -> None:
        """Drop a copy, ending the connections to it."""
        self._drop(name)
        self._keeper.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])

    def use(self, name: str) -> None:
        """Point both of Django's aliases at this database, in every thread."""
        connections.close_all()
        for alias in ALIASES:
            connections.settings[alias]["NAME"] = name

    def close(self) -> None:
        """Point the aliases home again and end the run's connection."""
        connections.close_all()
        for alias, name in self._home.items():
            connections.settings[alias]["NAME"] = name
        self._keeper.close()

    def _built(self, name: str, source: str, build: Callable[[], None]) -> str:
        if not self._exists(name):
            partial = f"{name}_partial"
            self._drop(partial)
            self._create(partial, source)
            self.use(partial)
            build()
            connections.close_all()
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            self._keeper.execute(rename.format(sql.Identifier(partial), sql.Identifier(name)))
        note = sql.SQL("COMMENT ON DATABASE {} IS {}")
        self._keeper.execute(note.format(sql.Identifier(name), sql.Literal(datetime.now(UTC).isoformat())))
        return name

    def _create(self, name: str, source: str) -> None:
        named = sql.Identifier(name)
        application = sql.Identifier(connections.settings["default"]["USER"])
        copying = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(named, sql.Identifier(source))
        wait_until(lambda: self._done(copying), f"nobody uses {source}")
        for statement in (
            sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(named),
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(named, application),
        ):
            self._keeper.execute(statement)

    def _drop(self, name: str) -> None:
        """Drop it if it is there. Sessions are ended by their own roles: neither may end the other's."""
        if not self._exists(name):
            return
        end = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND usename = current_user"
        )
        dropping = sql.SQL("DROP DATABASE {}").format(sql.Identifier(name))
        with psycopg.connect(**self.address("default"), autocommit=True) as application:

            def gone() -> bool:
                application.execute(end, [name])
                self._keeper.execute(end, [name])
                return self._done(dropping)

            wait_until(gone, f"nobody uses {name}")

    def _done(self, statement: sql.Composed) -> bool:
        """Whether it could be executed: PostgreSQL waits five seconds for the last session to be gone."""
        try:
            self._keeper.execute(statement)
        except psycopg.errors.ObjectInUse:
            return False
        return True

    def _exists(self, name: str) -> bool:
        return bool(self._keeper.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount)

    def _sweep(self) -> None:
        rows = self._keeper.execute(
            "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database"
            " WHERE datname LIKE 'countersign\\_%'"
        ).fetchall()
        for name, note in rows:
            if name.startswith(("countersign_template_", "countersign_cast_")):
                if note is None or datetime.fromisoformat(note) < datetime.now(UTC) - UNUSED_AFTER:
                    self._drop(name)
            elif name.startswith("countersign_test_") and self._free(name):
                self._drop(name)
                self._keeper.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])

    def _free(self, name: str) -> bool:
        row = self._keeper.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name]).fetchone()
        return bool(row and row[0])


def _migrate() -> None:
    call_command("migrate", verbosity=0, interactive=False)


def migrations_digest() -> str:
    """A short name for everything that decides what a migrated database looks like."""
    sources = [*ROOT.glob("*/migrations/**/*.py"), *ROOT.glob("*/migrations/**/*.sql")]
    return _digest([*sources, *ROOT.glob("portal/database/*.py"), ROOT / "requirements" / "runtime.txt"])


def source_digest() -> str:
    """A short name for everything that decides what the cast looks like: services of the product make it."""
    sources = [
        path for package in ("governance", "tests/factories") for path in ROOT.glob(f"{package}/**/*.py")
    ]
    return _digest([*sources, *ROOT.glob("*/migrations/**/*"), *ROOT.glob("portal/database/*.py")])


def _digest(files: list[Path]) -> str:
    total = hashlib.sha256()
    for path in sorted({path for path in files if path.suffix in {".py", ".sql", ".txt"}}):
        total.update(f"{path.relative_to(ROOT)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:12]
