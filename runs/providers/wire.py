"""One HTTP request and its whole answer: within a deadline and a size, without redirects or compression."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from runs.providers.clients import client_for
from runs.providers.loop import call

CONNECT_SECONDS = 10.0
LONGEST_PATIENCE = 86_400.0
SLOW = (TimeoutError, httpx.ReadTimeout, httpx.WriteTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class Request:
    """What is sent. `base_url` decides through which connections."""

    method: str
    base_url: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True)
class Answer:
    """What came back, whatever its status."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def kind(self) -> str:
        """The media type, without its parameters."""
        return str(self.headers.get("content-type", "")).split(";")[0].strip().lower()

    @property
    def retry_after(self) -> float | None:
        """In how many seconds the other side asks to be asked again (RFC 9110, 10.2.3): a count or a date."""
        asked = self.headers.get("retry-after", "").strip()
        if asked.isascii() and asked.isdigit():
            return min(float(asked[:9]), LONGEST_PATIENCE)
        moment, sent = _moment(asked), _moment(self.headers.get("date", ""))
        if moment is None:
            return None
        # By the clock that the date was written with, where it is told.
        seconds = (moment - (sent or datetime.now(UTC))).total_seconds()
        return min(max(seconds, 0.0), LONGEST_PATIENCE)


class NoAnswer(Exception):
    """There is no whole answer. `sent` is whether the other side may have got the request."""

    def __init__(self, reason: str, *, sent: bool, body: bytes = b"") -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent
        self.body = body


class NotReached(NoAnswer):
    """No connection, or it broke before the answer was complete."""


class TooSlow(NoAnswer):
    """No complete answer within the time allowed."""


class TooLarge(NoAnswer):
    """The answer was longer than is accepted and was not read to its end."""


def exchange(request: Request, *, seconds: float, largest: int) -> Answer:
    """Send the request and read the answer, at most `largest` bytes of it within `seconds` in all.

    Raises `NotReached`, `TooSlow` or `TooLarge`.
    """
    return call(_exchanged(request, seconds, largest))


async def _exchanged(request: Request, seconds: float, largest: int) -> Answer:
    begun: list[str] = []

    async def trace(event: str, _: object) -> None:
        if event.endswith("send_request_headers.started"):
            begun.append(event)

    try:
        # A blocking client limits single reads only; this deadline holds for the whole exchange.
        async with asyncio.timeout(seconds):
            client = client_for(request.base_url)
            response = await client.send(_built(client, request, seconds, trace), stream=True)
            try:
                return await _read(response, largest)
            finally:
                await response.aclose()
    except httpx.ConnectTimeout as problem:
        raise NotReached(type(problem).__name__, sent=False) from problem
    except SLOW as problem:
        raise TooSlow(type(problem).__name__, sent=bool(begun)) from problem
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as problem:
        raise NotReached(type(problem).__name__, sent=bool(begun)) from problem


def _built(client: httpx.AsyncClient, request: Request, seconds: float, trace: object) -> httpx.Request:
    return client.build_request(
        request.method,
        request.url,
        content=request.body,
        headers=dict(request.headers),
        timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
        extensions={"trace": trace},
    )


async def _read(response: httpx.Response, largest: int) -> Answer:
    body = bytearray()
    # Raw bytes: a compressed answer is refused by who reads it, so that a small one cannot become huge.
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > largest:
            raise TooLarge("TooLarge", sent=True, body=bytes(body))
    return Answer(response.status_code, response.headers, bytes(body))


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
