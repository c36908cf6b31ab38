"""One connection to the embedded web server: where each request ends, by when, and where each answer ends."""

from collections.abc import Iterable
from time import time
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError

LEAST_BYTES_PER_SECOND = 10_000


class OneLength(HTTPRequestParser):  # type: ignore[misc]  # waitress ships no types
    """Refuses a request whose end is told in two ways, for a proxy may take the other one (RFC 9112, 6.1)."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the headers; a refusal closes the connection."""
        super().parse_header(header_plus)
        # Waitress has taken the transfer coding of HTTP/1.1 out; other versions have none.
        if "TRANSFER_ENCODING" in self.headers or (self.chunked and "CONTENT_LENGTH" in self.headers):
            raise ParsingError("The length of the request is given twice.")


class Connection(HTTPChannel):  # type: ignore[misc]
    """A connection on which a request that comes in pieces earns its time by its bytes.

    A byte every few seconds counts as silence, after which waitress closes. Whole requests count, however
    small: against somebody who keeps hundreds of connections alive by them, a proxy limits each address.
    """

    parser_class = OneLength
    earned = 0.0

    def received(self, data: bytes) -> bool:
        """Take the bytes."""
        under_way, now = self.request, time()
        taken: bool = super().received(data)
        if under_way is None or self.request is not under_way:
            self.earned = now
        else:
            self.earned = min(now, self.earned + len(data) / LEAST_BYTES_PER_SECOND)
            self.last_activity = self.earned
        return taken


def headers_alone(application: WSGIApplication) -> WSGIApplication:
    """The application, whose answers to HEAD have no body.

    Django makes one and waitress would send it: who asks next on the connection would read it as the answer.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        made = application(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return made
        if close := getattr(made, "close", None):
            close()
        return []

    return answer
