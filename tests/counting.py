"""How many queries an address costs, and which transaction of its connection this is."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.prepared import rows
from tests.api.callers import Caller

HERE = b"SELECT virtualtransaction AS number FROM pg_locks WHERE pid = pg_backend_pid() LIMIT 1"


def queries_of(client: Client | Caller, address: str) -> int:
    """The queries of one GET that is answered, once everything that is read but once has been read."""
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def transaction_number() -> int:
    """The number of this transaction on this thread's connection: one more each time."""
    return int(rows(HERE, {})[0].number.partition("/")[2])
