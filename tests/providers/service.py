"""A real HTTP service in a process of its own; the first part of its path says how it behaves.

`python -m tests.providers.service WITNESS` prints its port; each request leaves one line of JSON in the
witness file.
"""

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.providers.endpoint import DRIP_SECONDS, SLOW_SECONDS


class Service(BaseHTTPRequestHandler):
    """One request at a time, well or badly."""

    protocol_version = "HTTP/1.1"
    witness = Path("/dev/null")

    def serve(self) -> None:
        """Answer as the path asks."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        told = {
            "method": self.command,
            "path": self.path,
            "headers": dict(self.headers.items()),
            "body": body,
        }
        with self.witness.open("a") as file:
            file.write(json.dumps(told) + "\n")
        getattr(self, f"be_{self.path.split('/')[1].split('?')[0]}")()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve

    def be_well(self) -> None:
        """JSON."""
        self.send(200, b'{"balance": 12.50, "iban": "DE02"}')

    def be_text(self) -> None:
        """Text."""
        self.send(200, "Grüße".encode(), kind="text/plain; charset=utf-8")

    def be_silent(self) -> None:
        """Done, and nothing to say."""
        self.send(204, b"")

    def be_doubled(self) -> None:
        """JSON that two readers would understand differently."""
        self.send(200, b'{"a": 1, "a": 2}')

    def be_picture(self) -> None:
        """What is neither JSON nor text."""
        self.send(200, b"\x89PNG", kind="image/png")

    def be_packed(self) -> None:
        """A compressed answer that was not asked for."""
        self.send(200, b"\x1f\x8b", extra={"Content-Encoding": "gzip"})

    def be_moved(self) -> None:
        """A redirect that must not be followed."""
        self.send(302, b"", extra={"Location": "/well"})

    def be_wrong(self) -> None:
        """A refusal of this very request, which repeats the key."""
        self.send(422, f"no such account, {self.headers['X-Api-Key']}".encode(), kind="text/plain")

    def be_echo(self) -> None:
        """An answer that repeats the key."""
        self.send(200, json.dumps({"key": self.headers["X-Api-Key"]}).encode())

    def be_busy(self) -> None:
        """Too many requests."""
        self.send(429, b"{}", extra={"Retry-After": "7"})

    def be_curt(self) -> None:
        """Too many requests, and not a word on when to come back."""
        self.send(429, b"{}")

    def be_tired(self) -> None:
        """Too many requests, asked for the first time; well later."""
        if sum("/tired" in line for line in self.witness.read_text().splitlines()) == 1:
            self.send(429, b"{}", extra={"Retry-After": "6"})
        else:
            self.be_well()

    def be_resting(self) -> None:
        """Not available until a moment, by a clock that is an hour ahead."""
        now = datetime.now(UTC) + timedelta(hours=1)
        until = format_datetime(now + timedelta(seconds=40), usegmt=True)
        self.send(503, b"{}", extra={"Retry-After": until}, date=format_datetime(now, usegmt=True))

    def be_broken(self) -> None:
        """An error of the server's own."""
        self.send(500, b"oops\x00")

    def be_gone(self) -> None:
        """The connection ends in the middle of the answer."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"id"')
        self.close_connection = True

    def be_endless(self) -> None:
        """More bytes than anybody accepts."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.close_connection = True
        for _ in range(200):
            self.wfile.write(b" " * 100_000)

    def be_dripping(self) -> None:
        """A byte at a time: no single read takes long."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.close_connection = True
        for _ in range(int(SLOW_SECONDS / DRIP_SECONDS)):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(DRIP_SECONDS)

    def send(
        self,
        status: int,
        body: bytes,
        *,
        kind: str = "application/json",
        extra: dict[str, str] | None = None,
        date: str | None = None,
    ) -> None:
        """A complete response."""
        self.send_response_only(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), **(extra or {})}
        headers["Date"] = date or self.date_time_string()
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def main(witness: str) -> None:
    """Serve until killed."""
    Service.witness = Path(witness)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.daemon_threads = True
    print(server.server_port, flush=True)  # noqa: T201 - the parent reads it
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
