"""The process environment of the tests, complete: neither a `.env` file nor the shell decides what they see.

The keeper has no role of its own in them: what signs in a test is the application, as where one does both.

Only `DATABASE_URL` with `OWNER_DATABASE_URL` are taken from outside: they run the suite against a PostgreSQL
of your own, whose owner role must be allowed to create databases. Without them the embedded one is used, its
data under `var/test`.
"""

import os

import psycopg
from psycopg import sql
from pydantic import SecretStr

from portal.embedded.places import Places
from portal.embedded.postgres import Postgres
from portal.env import ROOT, Environment

PLACES = Places(ROOT / "var" / "test")

TAKEN = ("DATABASE_URL", "OWNER_DATABASE_URL")
FIXED = {
    "COUNTERSIGN_VAR": str(PLACES.var),
    "SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 4,
    "ENCRYPTION_KEYS": "b25seS1mb3ItdGVzdHMtMDEyMzQ1Njc4OWFiY2RlZjA=",
    # Playwright keeps an event loop in the test's thread, where Django would refuse to query.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
}


def defaults() -> dict[str, str]:
    """Every other variable that the settings read, at its default, for this process and its children."""
    fields = {name.upper(): field.default for name, field in Environment.model_fields.items()}
    return {name: _written(value) for name, value in fields.items() if name not in TAKEN}


def _written(value: object) -> str:
    """As it stands in the environment."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if value is None:
        return ""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def embedded() -> Postgres | None:
    """The embedded server, or nothing when the addresses of another one were given."""
    return Postgres(PLACES) if os.environ.get("COUNTERSIGN_TEST_EMBEDDED") else None


def hasten(server: Postgres) -> None:
    """Spare the tests' server the wait for the disk: nothing in it outlives a loss of power, nor needs to."""
    with psycopg.connect(
        host=str(server.socket_folder), user="postgres", dbname="postgres", autocommit=True
    ) as keeper:
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            keeper.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(name)))
        keeper.execute("SELECT pg_reload_conf()")


def fix() -> None:
    """Set every variable that the settings read. Starts nothing."""
    os.environ.update({**defaults(), **FIXED})
    given = [name for name in TAKEN if os.environ.get(name)]
    if os.environ.get("COUNTERSIGN_TEST_EMBEDDED") or not given:
        os.environ["COUNTERSIGN_TEST_EMBEDDED"] = "yes"
        os.environ.update({**Postgres(PLACES).environment(), "LEDGER_DATABASE_URL": ""})
    elif len(given) == 1:
        raise SystemExit("Set both DATABASE_URL and OWNER_DATABASE_URL, or neither: tests use both roles.")
