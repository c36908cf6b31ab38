"""How many queries an address costs."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.api.callers import Caller


def queries_of(client: Client | Caller, address: str) -> int:
    """The queries of one GET that is answered, once everything that is read but once has been read."""
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)
