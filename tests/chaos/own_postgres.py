"""A PostgreSQL of these tests' own, with default durability, to be killed: the others' tests share theirs."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from portal.embedded.postgres import Postgres
from portal.env import database
from runs.durable.actors import engine, sweeper
from tests.factories.cast import hire
from tests.harness.databases import ALIASES, Databases
from tests.harness.folders import checkout
from tests.harness.fresh import FreshDatabase
from tests.waiting import wait_until


class Fragile(FreshDatabase):
    """A database of this test's own on a server that it may kill."""

    def __init__(self, databases: Databases, name: str, server: Postgres) -> None:
        super().__init__(databases, name)
        self.server = server

    def crash(self) -> None:
        """kill -9 of the server; every connection ends, and what was not committed is gone."""
        pid = self.server.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: self.server.pid() is None, "the server is dead")

    def revive(self) -> None:
        """Start it again: it recovers from its log."""
        self.server.ensure()
        connections.close_all()


@pytest.fixture(scope="module")
def own_server() -> Iterator[Postgres]:
    """A server for the tests of one file, with fsync and synchronous_commit on."""
    with checkout() as places:
        server = Postgres(places)
        server.ensure()
        yield server
        server.stop()


@pytest.fixture
def fresh_database(
    own_server: Postgres, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Fragile]:
    """In place of the usual one: a database with the cast in it, on the server that may be killed."""
    before = {alias: dict(connections.settings[alias]) for alias in ALIASES}
    with django_db_blocker.unblock():
        _lead_to(addresses_of(own_server))
        databases = Databases(fill=hire)
        databases.use(databases.copy())
        yield Fragile(databases, connections.settings["default"]["NAME"], own_server)
        with suppress(psycopg.Error):  # the connection may have been killed
            databases.close()
        _lead_to(before)


def addresses_of(server: Postgres) -> dict[str, dict[str, object]]:
    """The server's addresses, as Django's settings have them."""
    given = server.environment()
    urls = {"default": given["DATABASE_URL"], "owner": given["OWNER_DATABASE_URL"]}
    return {alias: database(url, statement_timeout_ms=0) for alias, url in urls.items()}


def _lead_to(addresses: dict[str, dict[str, object]]) -> None:
    """Point Django's aliases there, in every thread, and forget whom another database knows."""
    connections.close_all()
    for alias, found in addresses.items():
        connections.settings[alias].update(
            {key: found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
        )
    for known in (engine, sweeper):
        known.cache_clear()
