"""A shop floor on each broker; what is not installed is said to be."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.db import connection

from tests.brokers.servers import RabbitMQ, Redis, Server
from tests.chaos.floor import Floor, use_broker
from tests.harness.fresh import FreshDatabase

BROKERS: dict[str, type[Server]] = {"rabbitmq": RabbitMQ, "redis": Redis}


@pytest.fixture(scope="module", params=sorted(BROKERS))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A broker of this file's own."""
    kind = BROKERS[request.param]
    if kind.program() is None:
        pytest.skip(f"{request.param}-server is not installed (Debian has a package of that name)")
    found = kind(tmp_path_factory.mktemp(request.param))
    found.ensure()
    yield found
    found.stop()


@pytest.fixture
def floor(fresh_database: FreshDatabase, server: Server, tmp_path: Path) -> Iterator[Floor]:
    """Nobody hired yet; this process publishes to the same broker."""
    server.ensure()
    use_broker(server.url)
    found = Floor(fresh_database, server, tmp_path)
    yield found
    found.dismiss()
    with current_app.connection_for_write() as line:  # kept ones may be of before a restart
        current_app.control.purge(connection=line)
    use_broker("memory://")
    connection.close()
