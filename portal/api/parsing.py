"""JSON as strict as RFC 8259 lets it be, with bounds that hold before anything is built from the bytes.

What two readers could understand differently (doubled keys, NaN, numbers beyond 2^53, half surrogate
pairs) is refused, since a digest of it would mean nothing.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser

from governance.ledger.canonical import DEEPEST, LARGEST_EXACT_INTEGER

MOST_KEYS = 10_000
MOST_VALUES = 100_000
# A string that is never closed is matched to its end, too: else each of its quotes would be tried anew.
STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
BRACKET = re.compile(r"[\[\]{}]")
LONGEST_INTEGER = len(str(LARGEST_EXACT_INTEGER)) + 1


class TooLarge(APIException):
    """More bytes than any honest request has."""

    status_code = 413
    default_code = "too_large"


class StrictJSONParser(BaseParser):
    """Reads `application/json` in UTF-8."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value. Raises `ParseError`, `TooLarge`, or `UnsupportedMediaType` where it is not UTF-8."""
        if not _is_utf8(media_type or ""):
            raise UnsupportedMediaType(media_type or "", detail="JSON is sent in UTF-8.")
        largest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(largest + 1)
        if len(body) > largest:
            raise TooLarge(f"The body is larger than {largest:,} bytes.")
        return strict_json(body)


def strict_json(body: bytes) -> Any:
    """The value that the bytes stand for. Raises `ParseError` saying what is wrong, and soon."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise ParseError(f"The body is not UTF-8: byte {problem.start} does not belong there.") from problem
    _check_shape(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_fraction,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}"
        raise ParseError(f"The body is not JSON: {problem.msg}, {where}.") from problem
    for string in _strings(value):
        _check_string(string)
    return value


def _check_shape(text: str) -> None:
    """Bound depth and number of members by counting, before a parser recurses into them."""
    bare = "".join(STRING.split(text))
    if bare.count(":") > MOST_KEYS:
        raise ParseError(f"The body has more than {MOST_KEYS:,} keys.")
    if bare.count(",") > MOST_VALUES:
        raise ParseError(f"The body has more than {MOST_VALUES:,} values.")
    depth = 0
    for bracket in BRACKET.finditer(bare):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEEPEST:
            raise ParseError(f"The body is nested more than {DEEPEST} levels deep.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        doubled = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ParseError(f"The key {doubled[:80]!a} stands twice in one object.")
    return found


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_INTEGER or abs(int(digits)) > LARGEST_EXACT_INTEGER:
        raise ParseError("A whole number is beyond 2^53: write it as text.")
    return int(digits)


def _fraction(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ParseError("A number is too large: write it as text.")
    return value


def _constant(name: str) -> None:
    raise ParseError(f"{name} is not JSON.")


def _strings(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as string:
                yield string
            case dict() as members:
                yield from members
                waiting.extend(members.values())
            case list() as items:
                waiting.extend(items)


def _check_string(string: str) -> None:
    if "\x00" in string:
        raise ParseError("A text contains a NUL character, which cannot be stored.")
    if not string.isascii():
        try:
            string.encode("utf-8")
        except UnicodeEncodeError as problem:
            raise ParseError("A text contains half of a surrogate pair, which is not text.") from problem


def _is_utf8(media_type: str) -> bool:
    parameters = (part.partition("=") for part in media_type.lower().split(";")[1:])
    charsets = {value.strip().strip('"') for name, _, value in parameters if name.strip() == "charset"}
    return charsets <= {"utf-8", "utf8"}
