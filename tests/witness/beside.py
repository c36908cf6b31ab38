"""Witnesses in a thread of the test, over real HTTP, and what shows them the checkpoints of a log."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from uuid import UUID
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.db import connections

from governance.merkle.note import Note, sign
from governance.proof.keys import read_key
from governance.proof.memory import remembered
from governance.proof.publishing import Publisher
from governance.proof.witnesses import Witness
from governance.witness.judging import Trusted
from governance.witness.judging import Witness as Judge
from governance.witness.remembering import Seen, held
from governance.witness.serving import Application, application
from tests.factories.logs import PREFIX
from tests.merkle.signers import WITNESS, WITNESS_NAME, log_key, witness_key


class Threads(ThreadingMixIn, WSGIServer):
    """A thread for each request, as a server has."""

    daemon_threads = True


class Silent(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@contextmanager
def answering(found: Application, kind: type[WSGIServer] = Threads) -> Iterator[str]:
    """The address at which this answers while the block runs."""
    server = make_server("127.0.0.1", 0, found, kind, Silent)

    def serve() -> None:
        server.serve_forever(poll_interval=0.05)
        connections.close_all()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def witness_of(folder: Path) -> Iterator[Witness]:
    """A witness of the installation whose signer is in the folder, with its memory there too."""
    trusted = Trusted([], [log_key(read_key(folder / "key.pem"), PREFIX)])
    with (
        held(folder / "seen") as seen,
        answering(application(Judge(WITNESS, WITNESS_NAME, trusted=trusted, seen=seen))) as url,
    ):
        yield named(url)


def named(url: str) -> Witness:
    """As an installation names it."""
    return Witness("The auditors", url, witness_key())


def publisher(found: Witness, folder: Path, *, signed: Callable[[UUID], int] | None = None) -> Publisher:
    """What shows the witness the checkpoints of the signer in this folder."""

    def size(log: UUID) -> int:
        return max((each.note.size for each in remembered(folder / "state") if each.log == log), default=0)

    return Publisher(found, signed=signed or size)


def shown_before(folder: Path, origin: str, size: int, root: bytes) -> None:
    """Let the witness remember another history of the log, signed with its own key."""
    (folder / "seen").mkdir(exist_ok=True)
    Seen(folder / "seen").keep(sign(read_key(folder / "key.pem"), Note(origin, size, root)))
