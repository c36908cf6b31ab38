"""Asking a witness over HTTP, within bounds of time and size whatever it answers."""

import time
from dataclasses import dataclass
from typing import Final

import httpx

ADDRESS: Final = "/add-checkpoint"
CONNECT_SECONDS: Final = 5.0
SILENCE_SECONDS: Final = 10.0
LONGEST_SECONDS: Final = 30.0
LARGEST_ANSWER: Final = 8_192
LONGEST_WORDS: Final = 200
OVERLOADED: Final = 429
BROKEN: Final = 500


class Away(Exception):
    """The witness cannot be reached, or not now; the message says why."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The status, and the body as it came."""

    status: int
    body: bytes

    @property
    def words(self) -> str:
        """The body's beginning, in one line, for the log."""
        return " ".join(self.body.decode("utf-8", "replace").split())[:LONGEST_WORDS]


class Client:
    """Asks the witness at this address, one request after the other."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}{ADDRESS}"
        timeout = httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)
        self._client = httpx.Client(timeout=timeout, headers={"User-Agent": "countersign-keeper"})

    def ask(self, body: bytes) -> Answered:
        """What it answers. Raises `Away` for no answer, an endless one, and one of a server in trouble."""
        try:
            with self._client.stream("POST", self._url, content=body) as response:
                answer = Answered(response.status_code, _read(response))
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise Away(f"{type(problem).__name__}: {problem}") from problem
        if answer.status == OVERLOADED or answer.status >= BROKEN:
            raise Away(f"it answered {answer.status}: {answer.words}")
        return answer


def _read(response: httpx.Response) -> bytes:
    found, deadline = b"", time.monotonic() + LONGEST_SECONDS
    for part in response.iter_bytes():
        found += part
        if len(found) > LARGEST_ANSWER or time.monotonic() > deadline:
            raise Away(f"its answer is longer than {LARGEST_ANSWER:,} bytes, or does not end")
    return found
