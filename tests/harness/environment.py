"""The process environment of the tests, complete: neither a `.env` file nor the shell decides what they see.

Only `DATABASE_URL` with `OWNER_DATABASE_URL` are taken from outside: they run the suite against a PostgreSQL
of your own, whose owner role must be allowed to create databases. Without them the embedded one is used, its
data under `var/test`.
"""

import os

import psycopg
from psycopg import sql

from portal.embedded.places import Places
from portal.embedded.postgres import Postgres
from portal.env import ROOT

PLACES = Places(ROOT / "var" / "test")

FIXED = {
    "COUNTERSIGN_VAR": str(PLACES.var),
    "SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 4,
    "DEBUG": "false",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
    "SECURE_COOKIES": "false",
    "TRUSTED_ORIGINS": "",
    "BROKER_URL": "",
    "LLM_BASE_URL": "",
    "LLM_API_KEY": "",
    "MODEL_WEIGHTS_SHA256": "",
    "STEP_FUNCTION_MODULES": "",
    "EMAIL_HOST": "",
    # Playwright keeps an event loop in the test's thread, where Django would refuse to query.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
}


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
    os.environ.update(FIXED)
    given = [name for name in ("DATABASE_URL", "OWNER_DATABASE_URL") if os.environ.get(name)]
    if os.environ.get("COUNTERSIGN_TEST_EMBEDDED") or not given:
        os.environ["COUNTERSIGN_TEST_EMBEDDED"] = "yes"
        os.environ.update(Postgres(PLACES).environment())
    elif len(given) == 1:
        raise SystemExit("Set both DATABASE_URL and OWNER_DATABASE_URL, or neither: tests use both roles.")
