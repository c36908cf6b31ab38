"""The embedded web server: `python -m portal.embedded.web_server DESCRIPTOR`, on a socket that waits already.

Waitress reads each request whole before one of its threads looks at it, so a sender that is slow, or never
ends, holds up a connection and nobody else; `portal.embedded.connection` says for how long.
"""

import logging
import signal
import socket
import sys
from typing import Any, NoReturn

import waitress
from django.conf import settings

from portal.embedded.connection import Connection, headers_alone
from portal.observability import OnceAMinute
from portal.wsgi import application

THREADS = 16
MOST_CONNECTIONS = 500
SILENCE_SECONDS = 30  # then a connection that sends nothing, or next to nothing, is closed
MOST_HEADER_BYTES = 65_536


def serve(waiting: socket.socket) -> None:
    """Serve until SIGTERM or Ctrl-C; requests that are being answered then have five seconds.

    Those that wait for a thread are cut, and so is what is left to send of an answer too large for the
    socket's buffer.
    """
    signal.signal(signal.SIGTERM, _stop)
    # It warns of each page that waits for another.
    logging.getLogger("waitress.queue").addFilter(OnceAMinute())
    server = waitress.create_server(
        headers_alone(application),
        sockets=[waiting],
        threads=THREADS,
        connection_limit=MOST_CONNECTIONS,
        channel_timeout=SILENCE_SECONDS,
        cleanup_interval=5,
        max_request_header_size=MOST_HEADER_BYTES,
        # What is somewhat too large is refused by the portal, in words; far more is not even received.
        max_request_body_size=2 * settings.REQUEST_MAX_BYTES,
        clear_untrusted_proxy_headers=False,  # whom to believe is the portal's to say
        asyncore_use_poll=True,
        ident=None,
    )
    server.channel_class = Connection
    server.run()


def _stop(*_: Any) -> NoReturn:
    raise SystemExit(0)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
