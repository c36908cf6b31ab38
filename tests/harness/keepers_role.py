"""The keeper by a role of its own, as the portal runs it: a test's database, and Django's connections."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connections
from psycopg import sql

from portal.database.grants import apply_grants
from portal.embedded.keyring import keyring
from tests.harness.environment import PLACES, embedded
from tests.harness.fresh import FreshDatabase

KEEPER = "countersign_keeper"


def set_apart(database: FreshDatabase) -> None:
    """Give this database's ledger to the keeper's role: from now on the application signs nothing."""
    if embedded() is None:
        pytest.skip("needs the keeper's role of the embedded server")
    connect = sql.SQL("GRANT CONNECT ON DATABASE {} TO {}")
    with database.connect("owner") as owner:
        owner.execute(connect.format(sql.Identifier(database.name), sql.Identifier(KEEPER)))
    apply_grants(alias="owner", role=connections.settings["default"]["USER"], keeper=KEEPER)


@contextmanager
def as_keeper() -> Iterator[None]:
    """Django's connections are the keeper's while the block runs."""
    found = connections.settings["default"]
    before = {name: found[name] for name in ("USER", "PASSWORD")}
    connections.close_all()
    found.update({"USER": KEEPER, "PASSWORD": keyring(PLACES).keeper_password})
    try:
        yield
    finally:
        connections.close_all()
        found.update(before)


def keepers_connection(database: FreshDatabase) -> psycopg.Connection:
    """A connection of psycopg's own, by the keeper's role."""
    with as_keeper():
        return database.connect()
