"""The embedded web server, and senders that are slow on purpose."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from portal.embedded.listening import listen
from portal.embedded.processes import web_command
from portal.env import ROOT
from tests.waiting import wait_until

SLOW_SENDERS = 64
SOON = 5.0
BEGINNINGS = {
    "nothing": b"",
    "half a header": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-",
    "a body that does not come": (
        b"POST /account/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\na="
    ),
}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The server as the supervisor starts it; nothing here asks for a database."""
    var: Path = tmp_path_factory.mktemp("var")
    environment = {**os.environ, "COUNTERSIGN_VAR": str(var), "SECRET_KEY": "k" * 60}
    environment["DATABASE_URL"] = "postgres://nobody@127.0.0.1:9/none"
    environment["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    with listen(port=8300, exactly=False) as waiting:
        server = subprocess.Popen(
            web_command(waiting), cwd=ROOT, env=environment, pass_fds=[waiting.fileno()]
        )
        number = waiting.getsockname()[1]
        try:
            wait_until(lambda: answers(number, patience=30.0), "the web server answers", within=60)
            yield number
        finally:
            server.terminate()
            assert server.wait(timeout=30) == 0


def answers(port: int, *, patience: float = SOON) -> bool:
    """Whether an honest request is answered within the time."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=patience).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
def test_slow_senders_hold_up_nobody(port: int, beginning: bytes) -> None:
    with ExitStack() as senders:
        for _ in range(SLOW_SENDERS):
            sender = senders.enter_context(socket.create_connection(("127.0.0.1", port)))
            sender.sendall(beginning)

        assert answers(port)


def test_a_header_without_end_is_refused(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as sender:
        sender.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"a" * 70_000)

        assert sender.recv(100).startswith(b"HTTP/1.0 431 ")
