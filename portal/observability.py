"""Logs: one event is one line, whatever a name or a document contains, and each line names its request."""

import logging
import unicodedata
from contextvars import ContextVar
from time import monotonic

request_id: ContextVar[str] = ContextVar("request_id", default="-")

# Characters that turn the reading direction: shown escaped, so that a log line reads as it was written.
DIRECTION_MARKS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def visible(text: str) -> str:
    """The text with control characters, line separators and direction marks written as escapes."""
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    if character in DIRECTION_MARKS or unicodedata.category(character) in {"Cc", "Zl", "Zp", "Cs"}:
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")
    return character


class OneLine(logging.Filter):
    """Escapes what would break a log line apart; a traceback stays, it is ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the message in place; never drops a record."""
        record.msg = visible(record.getMessage())
        record.args = None
        record.request_id = request_id.get()
        return True


class OnceAMinute(logging.Filter):
    """Lets one record through and none for a minute after it: worth knowing, not worth a flood."""

    def __init__(self) -> None:
        super().__init__()
        self._silent_until = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a minute has passed."""
        now = monotonic()
        if now < self._silent_until:
            return False
        self._silent_until = now + 60
        return True
