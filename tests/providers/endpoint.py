"""A real endpoint that speaks the protocol, in a process of its own; its path says how it behaves.

`python -m tests.providers.endpoint WITNESS` prints its port; each request leaves one line of JSON in the
witness file.
"""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SMOL = "smollm2-135m-instruct"
# No test waits for it, and no machine is so busy that something else takes as long.
SLOW_SECONDS, DRIP_SECONDS = 60.0, 0.05
HESITANT_SECONDS = 1.0


class Endpoint(BaseHTTPRequestHandler):
    """One request at a time, well or badly."""

    protocol_version = "HTTP/1.1"
    witness = Path("/dev/null")
    hastened = threading.Event()

    def do_POST(self) -> None:
        """Answer as the path asks."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        manner = self.path.split("/")[1]
        with self.witness.open("a") as file:
            line = {"path": self.path, "headers": dict(self.headers.items()), "body": asked}
            file.write(json.dumps(line) + "\n")
        getattr(self, f"be_{manner}")(asked)

    def be_well(self, asked: dict[str, Any]) -> None:
        """The right answer: the first enumerated label where a schema is asked for, else a sentence."""
        schema = asked.get("response_format", {}).get("json_schema", {}).get("schema")
        label = {name: found["enum"][0] for name, found in (schema or {}).get("properties", {}).items()}
        self.answer(json.dumps(label) if schema else "The customer was charged twice.", asked)

    def be_mute(self, asked: dict[str, Any]) -> None:
        """No text."""
        self.answer("", asked)

    def be_nul(self, asked: dict[str, Any]) -> None:
        """A NUL character in the text."""
        self.answer("a\x00b", asked)

    def be_surrogate(self, asked: dict[str, Any]) -> None:
        """Half of a surrogate pair in the text."""
        self.answer("a\ud800b", asked)

    def be_label(self, asked: dict[str, Any]) -> None:
        """The same JSON, whether a schema is asked for or not."""
        self.answer('{"label": "card"}', asked)

    def be_wrong_label(self, asked: dict[str, Any]) -> None:
        """JSON that does not fit the schema."""
        self.answer('{"label": "pirates"}', asked)

    def be_corrected(self, asked: dict[str, Any]) -> None:
        """The right label, once the model has been told that another was wrong."""
        if len(asked["messages"]) > 2 and asked["messages"][-2]["role"] == "assistant":
            self.be_label(asked)
        else:
            self.be_wrong_label(asked)

    def be_pondering(self, asked: dict[str, Any]) -> None:
        """A wrong label once somebody hastens it, and the right one when told so."""
        if asked["messages"][-2]["role"] != "assistant":
            Endpoint.hastened.wait(SLOW_SECONDS)
        self.be_corrected(asked)

    def be_breaking(self, asked: dict[str, Any]) -> None:
        """A wrong label, and an error when told so."""
        if asked["messages"][-2]["role"] == "assistant":
            self.send(500, b"oops")
        else:
            self.be_wrong_label(asked)

    def be_hesitant(self, asked: dict[str, Any]) -> None:
        """A wrong label, after a while."""
        time.sleep(HESITANT_SECONDS)
        self.be_wrong_label(asked)

    def be_doubled(self, asked: dict[str, Any]) -> None:
        """JSON with a name twice."""
        self.answer('{"label": "card", "label": "loan"}', asked)

    def be_prose(self, asked: dict[str, Any]) -> None:
        """Prose where JSON was asked for, cut off at the limit."""
        self.answer('{"label": "ca', asked, finish="length")

    def be_cut_off(self, asked: dict[str, Any]) -> None:
        """The right label; a text that stops at the limit."""
        if "response_format" in asked:
            self.be_well(asked)
        else:
            self.answer("The customer was charged twi", asked, finish="length")

    def be_other_model(self, asked: dict[str, Any]) -> None:
        """Another model's name."""
        self.answer("Yes.", {**asked, "model": "gpt-oops"})

    def be_uncounted(self, asked: dict[str, Any]) -> None:
        """No usage."""
        self.answer("Yes.", asked, usage=None)

    def be_no_json(self, asked: dict[str, Any]) -> None:
        """Not JSON at all."""
        self.send(200, b"oops")

    def be_no_choices(self, asked: dict[str, Any]) -> None:
        """JSON of another form."""
        self.send(200, b'{"choices": []}')

    def be_page(self, asked: dict[str, Any]) -> None:
        """A web page."""
        self.send(200, b"<h1>Sign in</h1>", kind="text/html")

    def be_packed(self, asked: dict[str, Any]) -> None:
        """A compressed answer that was not asked for."""
        self.send(200, b"\x1f\x8b", extra={"Content-Encoding": "gzip"})

    def be_moved(self, asked: dict[str, Any]) -> None:
        """A redirect that must not be followed."""
        self.send(307, b"", extra={"Location": "/well/v1/chat/completions"})

    def be_busy(self, asked: dict[str, Any]) -> None:
        """Too many requests."""
        self.send(429, b'{"error": {"message": "slow down"}}', extra={"Retry-After": "7"})

    def be_curt(self, asked: dict[str, Any]) -> None:
        """Too many requests, and not a word on when to come back."""
        self.send(429, b'{"error": {"message": "slow down"}}')

    def be_locked(self, asked: dict[str, Any]) -> None:
        """A refusal that tells the key."""
        self.send(401, f"wrong key {self.headers['Authorization']}".encode())

    def be_telling(self, asked: dict[str, Any]) -> None:
        """A refusal that tells the key just where an excerpt of it ends."""
        self.send(403, b"x" * 280 + f"{self.headers['Authorization']} is not welcome".encode())

    def be_telling_page(self, asked: dict[str, Any]) -> None:
        """A web page that tells the key."""
        self.send(200, f"<p>{self.headers['Authorization']}</p>".encode(), kind="text/html")

    def be_telling_json(self, asked: dict[str, Any]) -> None:
        """JSON of another form that tells the key."""
        self.send(200, json.dumps({"sent": self.headers["Authorization"]}).encode())

    def be_telling_long(self, asked: dict[str, Any]) -> None:
        """More than anybody reads, beginning with the key."""
        self.send(200, b"x" * 280 + self.headers["Authorization"].encode() + b" " * 4_000_000)

    def be_broken(self, asked: dict[str, Any]) -> None:
        """An error of the server's own."""
        self.send(500, b"oops\x00")

    def be_gone(self, asked: dict[str, Any]) -> None:
        """The connection ends in the middle of the answer."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"id"')
        self.close_connection = True

    def be_endless(self, asked: dict[str, Any]) -> None:
        """More bytes than anybody accepts."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.close_connection = True
        for _ in range(200):
            self.wfile.write(b" " * 100_000)

    def be_slow(self, asked: dict[str, Any]) -> None:
        """An answer long after everybody has left, unless somebody hastens it."""
        Endpoint.hastened.wait(SLOW_SECONDS)
        self.be_well(asked)

    def be_hastening(self, asked: dict[str, Any]) -> None:
        """Whatever is slow at this moment is answered now."""
        hastened, Endpoint.hastened = Endpoint.hastened, threading.Event()
        hastened.set()
        self.be_well(asked)

    def be_dripping(self, asked: dict[str, Any]) -> None:
        """A byte at a time: no single read takes long."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.close_connection = True
        for _ in range(int(SLOW_SECONDS / DRIP_SECONDS)):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(DRIP_SECONDS)

    def answer(
        self,
        text: str,
        asked: dict[str, Any],
        *,
        finish: str = "stop",
        usage: dict[str, int] | str | None = "",
    ) -> None:
        """A completion with this text."""
        counted = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18} if usage == "" else usage
        choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}
        found = {"id": "chatcmpl-1", "model": asked.get("model", SMOL), "choices": [choice], "usage": counted}
        self.send(200, json.dumps(found).encode())

    def send(
        self, status: int, body: bytes, *, kind: str = "application/json", extra: dict[str, str] | None = None
    ) -> None:
        """A complete response."""
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(extra or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def main(witness: str) -> None:
    """Serve until killed."""
    Endpoint.witness = Path(witness)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    server.daemon_threads = True
    print(server.server_port, flush=True)  # noqa: T201 - the parent reads it
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
