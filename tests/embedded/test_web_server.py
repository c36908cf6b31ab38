"""The embedded web server, and senders that are slow on purpose."""

import logging
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import waitress

from portal.embedded.connection import Connection
from portal.embedded.listening import listen
from portal.embedded.processes import web_command
from portal.env import ROOT
from portal.observability import OnceAMinute
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


@contextmanager
def served(var: Path, *, database: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The server as the supervisor starts it, with its port; ended at the end, if it still runs."""
    environment = {**os.environ, "COUNTERSIGN_VAR": str(var), "SECRET_KEY": "k" * 60}
    environment["DATABASE_URL"] = database
    environment["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    with listen(port=8300, exactly=False) as waiting:
        server = subprocess.Popen(
            web_command(waiting), cwd=ROOT, env=environment, pass_fds=[waiting.fileno()]
        )
        number = waiting.getsockname()[1]
        try:
            wait_until(lambda: answers(number, patience=30.0), "the web server answers")
            yield number, server
        finally:
            server.terminate()
            assert server.wait(timeout=30) == 0


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server whose database is away."""
    with served(tmp_path_factory.mktemp("var"), database="postgresql://nobody@127.0.0.1:9/none") as (
        found,
        _,
    ):
        yield found


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


def raw(port: int, *requests: bytes) -> bytes:
    """All that comes on one connection for the requests, sent one after the other."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as sender:
        sender.sendall(b"".join(requests))
        return b"".join(iter(lambda: sender.recv(65_536), b""))


GET = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("page", [b"/healthz", b"/readyz", b"/api/v1/me/"])
def test_after_a_head_comes_the_next_answer(port: int, page: bytes) -> None:
    head, _, rest = raw(port, b"HEAD " + page + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", GET).partition(
        b"\r\n\r\n"
    )

    assert b"Content-Length: " in head
    assert rest.startswith(b"HTTP/1.1 200 OK\r\n")
    assert rest.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_a_request_with_two_lengths_is_refused_and_nothing_after_it_is_answered(
    port: int, version: bytes
) -> None:
    twice = (
        b"POST /healthz HTTP/" + version + b"\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n"
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    )

    answer = raw(port, twice, GET)

    assert answer.startswith(b"HTTP/" + version + b" 400 ")
    assert answer.count(b"HTTP/1.") == 1


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "content_type",
    [
        f"{FORM}; charset=punycode",
        f'{FORM}; charset="base64"',
        f"{FORM}; charset=utf-8; Charset = undefined",
        f"{FORM}; charset=utf-8\\; charset=idna",
        f"{FORM}; charset*=bogus''x",
        f"{FORM}; x*=punycode''x",
        "multipart/form-data; boundary=" + "a" * 300,
    ],
)
def test_no_codec_is_the_senders_to_choose(port: int, content_type: str) -> None:
    answer = httpx.post(
        f"http://127.0.0.1:{port}/api/v1/me/?a=%E9", headers={"Content-Type": content_type}, timeout=SOON
    )

    assert answer.status_code == 415
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        FORM,
        f"{FORM};charset=UTF-8",
        'text/plain; charset="utf8" ; format=flowed',
        "multipart/form-data; boundary=b",
    ],
)
def test_utf_8_is_passed_on(port: int, content_type: str) -> None:
    place = f"http://127.0.0.1:{port}/api/v1/me/"

    assert httpx.post(place, headers={"Content-Type": content_type}).status_code == 401


@pytest.mark.parametrize(("piece", "closed"), [(b"a", True), (b"a" * 4_000, False)])
def test_a_request_in_pieces_earns_its_time_by_its_bytes(
    piece: bytes, closed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its time is the server's clock, which goes on by a tenth of a second with each piece."""
    clock = [time.time()]
    monkeypatch.setattr("portal.embedded.connection.time", lambda: clock[0])
    monkeypatch.setattr(time, "time", lambda: clock[0])
    with listen(port=8300, exactly=False) as waiting:
        server = waitress.create_server(
            refuse, sockets=[waiting], channel_timeout=1, cleanup_interval=0, asyncore_use_poll=True
        )
        server.channel_class = Connection
        with socket.create_connection(waiting.getsockname()) as sender, closing(server):
            sender.sendall(BEGINNINGS["a body that does not come"].replace(b"5000", b"500000"))
            for _ in range(30):
                with suppress(OSError):
                    sender.sendall(piece)
                clock[0] += 0.1
                server.asyncore.loop(timeout=0.1, use_poll=True, map=server._map, count=1)

            assert (not server.active_channels) == closed
        server.asyncore.close_all(server._map)
        server.task_dispatcher.shutdown()


def refuse(*_: Any) -> Any:
    """An application that is not reached."""
    pytest.fail("half a request was answered")


def test_without_a_database_whoever_asks_is_told_that_it_is_busy(port: int) -> None:
    answer = httpx.get(f"http://127.0.0.1:{port}/api/v1/me/", cookies={"sessionid": "x" * 32}, timeout=SOON)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json()["type"].endswith("#problem-busy")


def test_a_stop_lets_what_is_being_answered_finish(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as database, ThreadPoolExecutor(1) as somebody:
        address = f"postgresql://nobody@127.0.0.1:{database.getsockname()[1]}/none"
        with served(tmp_path, database=address) as (number, server):
            asked = somebody.submit(httpx.get, f"http://127.0.0.1:{number}/readyz", timeout=60)
            database.settimeout(60)
            reached, _ = database.accept()

            server.terminate()
            with pytest.raises(subprocess.TimeoutExpired):
                server.wait(timeout=1)
            database.close()
            reached.close()

            assert asked.result().json()["parts"]["database"] == "unreachable"
            assert server.wait(timeout=60) == 0


def test_what_is_repeated_is_logged_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([100.0, 101.0, 159.9, 160.0, 161.0])
    monkeypatch.setattr("portal.observability.monotonic", lambda: next(moments))
    seldom, record = OnceAMinute(), logging.makeLogRecord({"msg": "Task queue depth is 1"})

    assert [seldom.filter(record) for _ in range(5)] == [True, False, False, True, False]
