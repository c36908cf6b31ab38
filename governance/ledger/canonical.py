"""One sequence of bytes for one value, so that a digest means something.

The rules are those of RFC 8785 on a restricted set (no floats, whole numbers below 2^53, ASCII keys), for which sorted
compact JSON is already canonical.
"""

import hashlib
from typing import Any

import orjson

from governance.errors import Invalid

LARGEST_EXACT_INTEGER = 2**53 - 1
DEEPEST = 40


def canonical(value: Any) -> bytes:
    """The canonical JSON bytes of `value`. Raises `Invalid` naming the place of what has no canonical form."""
    _check(value, "$", 0)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def sha256_hex(content: bytes) -> str:
    """The SHA-256 of `content` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _check(value: Any, place: str, depth: int) -> None:
    if depth > DEEPEST:
        raise Invalid(f"{place[:200]} is nested more than {DEEPEST} levels deep.")
    match value:
        case None | bool():
            return
        case str():
            _check_text(value, place)
        case int():
            if abs(value) > LARGEST_EXACT_INTEGER:
                raise Invalid(f"{place} is a whole number beyond 2^53: write it as text.")
        case float():
            raise Invalid(f"{place} is a number with a fraction: write it as text, so that its digest is exact.")
        case dict():
            for key, item in value.items():
                if not isinstance(key, str) or not key.isascii():
                    raise Invalid(f"{place} has a key that is not plain ASCII text: {key!r}.")
                _check(item, f"{place}.{key}", depth + 1)
        case list() | tuple():
            for index, item in enumerate(value):
                _check(item, f"{place}[{index}]", depth + 1)
        case _:
            raise Invalid(f"{place} is of a kind that cannot be recorded: {type(value).__name__}.")


def _check_text(value: str, place: str) -> None:
    if "\x00" in value:
        raise Invalid(f"{place} contains a NUL character, which cannot be stored.")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as problem:
        raise Invalid(f"{place} contains half of a surrogate pair, which is not text.") from problem
