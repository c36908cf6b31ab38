"""The web server's socket, held by the supervisor so that a restarted server keeps its address."""

import socket

from portal.embedded.errors import EmbeddedError

TRIES = 50


def listen(*, port: int, exactly: bool) -> socket.socket:
    """A socket that listens on 127.0.0.1: on `port`, or the next free one unless it must be `exactly` that.

    Raises `EmbeddedError` when no such port is free.
    """
    for candidate in range(port, port + (1 if exactly else TRIES)):
        waiting = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        waiting.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            waiting.bind(("127.0.0.1", candidate))
            waiting.listen(128)
        except OSError:
            waiting.close()
            continue
        return waiting
    raise EmbeddedError(
        f"Port {port} is in use. Name a free one with --port, or leave it out to have one chosen."
    )
