"""The witness over HTTP: `POST /add-checkpoint` and nothing else.

Waitress reads each request whole, within bounds, before one of its threads looks at it, so a sender that is
slow, or never ends, holds up a connection and nobody else. For the way through the internet, a proxy with TLS
belongs before it.
"""

import logging
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIEnvironment

import waitress

from governance.merkle.asking import LARGEST_ASKED
from governance.witness.judging import Answer, Witness

LOG = logging.getLogger(__name__)
ADDRESS: Final = "/add-checkpoint"
THREADS: Final = 4
MOST_CONNECTIONS: Final = 100
SILENCE_SECONDS: Final = 10
MOST_HEADER_BYTES: Final = 16_384
Application = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]


def application(witness: Witness) -> Application:
    """The witness as WSGI has it."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        found = _answer(witness, environ)
        status = f"{found.status} {HTTPStatus(found.status).phrase}"
        start_response(
            status, [("Content-Type", found.content_type), ("Content-Length", str(len(found.body)))]
        )
        return [found.body]

    return answer


def server(witness: Witness, *, host: str, port: int) -> Any:
    """A server that listens already; port 0 takes a free one (`effective_port`). `run` serves.

    Raises `OSError` for an address that is taken.
    """
    return waitress.create_server(
        application(witness),
        host=host,
        port=port,
        threads=THREADS,
        connection_limit=MOST_CONNECTIONS,
        channel_timeout=SILENCE_SECONDS,
        cleanup_interval=2,
        max_request_header_size=MOST_HEADER_BYTES,
        max_request_body_size=LARGEST_ASKED + 1,
        asyncore_use_poll=True,
        ident=None,
    )


def _answer(witness: Witness, environ: WSGIEnvironment) -> Answer:
    if environ["PATH_INFO"] != ADDRESS:
        return Answer(404, b"A witness answers at /add-checkpoint alone.\n")
    if environ["REQUEST_METHOD"] != "POST":
        return Answer(405, b"A checkpoint is added by POST.\n")
    try:
        return witness.answer(environ["wsgi.input"].read(min(_length(environ), LARGEST_ASKED + 1)))
    except OSError:
        LOG.exception("what was seen could not be written down")
        return Answer(500, b"The witness cannot write down what it saw, so it cosigns nothing.\n")


def _length(environ: WSGIEnvironment) -> int:
    """How long the server says that the body is."""
    text = environ.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isdecimal() else 0
