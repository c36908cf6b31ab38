"""An HTTP proxy before the real model server that notes every request's idempotency key in a file.

The file is the witness outside the database: what stands in it was really asked of the model.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

PASSED_ON = ("Authorization", "Content-Type", "Accept", "Idempotency-Key")


@contextmanager
def witness_proxy(target: str, witness: Path) -> Iterator[str]:
    """Yield the address to ask instead of `target`; each POST leaves a line in `witness` first."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock, witness.open("a", encoding="ascii") as lines:
                lines.write(self.headers["Idempotency-Key"] + "\n")
            headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
            answer = httpx.post(
                target + self.path.removeprefix("/v1"), content=body, headers=headers, timeout=120
            )
            self._answer(answer)

        def _answer(self, answer: httpx.Response) -> None:
            try:
                self.send_response(answer.status_code)
                self.send_header("Content-Type", answer.headers["Content-Type"])
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)
            except (BrokenPipeError, ConnectionResetError):
                pass  # whoever asked was killed

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the witness file is the log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
