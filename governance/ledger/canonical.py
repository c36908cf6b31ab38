"""One sequence of bytes for one value, so that a digest means something.

The rules are those of RFC 8785 on a restricted set (no floats, whole numbers below 2^53, ASCII keys), for
which sorted compact JSON is already canonical.
"""

import hashlib
from typing import Any

import orjson

from governance.errors import Invalid
from governance.ledger.text import unstorable

LARGEST_EXACT_INTEGER = 2**53 - 1
DEEPEST = 40


def canonical(value: Any) -> bytes:
    """The canonical JSON bytes of `value`. Raises `Invalid` naming the place of what has none."""
    _check(value, "$", 0)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def check_depth(value: Any) -> None:
    """Raise `Invalid` for what is nested too deep to be recorded. Does not itself recurse."""
    waiting = [(value, 0)]
    while waiting:
        found, depth = waiting.pop()
        if depth > DEEPEST:
            raise Invalid(f"The content is nested more than {DEEPEST} levels deep.")
        if isinstance(found, dict):
            waiting.extend((item, depth + 1) for item in found.values())
        elif isinstance(found, list | tuple):
            waiting.extend((item, depth + 1) for item in found)


def sha256_hex(content: bytes) -> str:
    """The SHA-256 of `content` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _check(value: Any, place: str, depth: int) -> None:
    if depth > DEEPEST:
        raise Invalid(f"{place[:200]} is nested more than {DEEPEST} levels deep.")
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii() or "\x00" in key:
                raise Invalid(f"{place} has a key that is not plain ASCII text: {key!r:.80}.")
            _check(item, f"{place}.{key[:80]}", depth + 1)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _check(item, f"{place}[{index}]", depth + 1)
    elif complaint := _complaint(value):
        raise Invalid(f"{place} {complaint}.")


def _complaint(value: Any) -> str:
    match value:
        case None | bool():
            return ""
        case str():
            return unstorable(value)
        case int():
            return (
                ""
                if abs(value) <= LARGEST_EXACT_INTEGER
                else "is a whole number beyond 2^53: write it as text"
            )
        case float():
            return "is a number with a fraction: write it as text, so that its digest is exact"
        case _:
            return f"is of a kind that cannot be recorded: {type(value).__name__}"
