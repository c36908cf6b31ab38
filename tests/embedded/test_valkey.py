"""The embedded Valkey: a broker on a private socket."""

import stat

import pytest
from kombu import Connection

from portal.embedded.valkey import Valkey
from tests.embedded.conftest import kill
from tests.waiting import wait_until

pytestmark = pytest.mark.embedded


def test_its_address_is_one_that_the_task_engine_understands(valkey: Valkey) -> None:
    with Connection(valkey.environment()["BROKER_URL"]) as connection:
        queue = connection.SimpleQueue("letters")
        queue.put({"run": "1"})
        assert queue.get(timeout=30).payload == {"run": "1"}
        queue.close()


def test_only_its_own_account_reaches_the_socket(valkey: Valkey) -> None:
    assert stat.S_IMODE(valkey.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(valkey.socket.parent.stat().st_mode) == 0o700


def test_a_killed_server_is_noticed_and_started_again(valkey: Valkey) -> None:
    first = valkey.pid()
    kill(first)
    wait_until(lambda: not valkey.alive())

    valkey.ensure()

    assert valkey.alive()
    assert valkey.pid() != first


def test_a_stopped_server_leaves_no_socket(valkey: Valkey) -> None:
    valkey.stop()
    assert valkey.pid() is None
    assert not valkey.socket.exists()
