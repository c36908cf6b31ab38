"""JSON as strict as RFC 8259 lets it be, with bounds that hold before anything is built from the text.

What two readers could understand differently (doubled keys, NaN, numbers beyond 2^53, half surrogate
pairs) is refused, since a digest of it would mean nothing. How many bytes may come is each caller's to say.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from governance.errors import Invalid
from governance.ledger.canonical import DEEPEST, LARGEST_EXACT_INTEGER
from governance.ledger.text import unstorable

MOST_VALUES = 100_000
# A string that is never closed is matched to its end, too: else each of its quotes would be tried anew.
STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
BRACKET = re.compile(r"[\[\]{}]")
LONGEST_INTEGER = len(str(LARGEST_EXACT_INTEGER)) + 1


def read_json(body: bytes | str, *, what: str) -> Any:
    """The value that the text stands for. Raises `Invalid` soon; `what` names the text in its message."""
    try:
        text = body if isinstance(body, str) else body.decode("utf-8")
        _check_shape(text)
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_fraction,
            parse_constant=_constant,
        )
        for string in _strings(value):
            if complaint := unstorable(string):
                raise _Wrong(f"has a text that {complaint}")
    except UnicodeDecodeError as problem:
        raise Invalid(f"{what} is not UTF-8: byte {problem.start + 1:,} does not belong there.") from problem
    except json.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}"
        raise Invalid(f"{what} is not JSON: {problem.msg}, {where}.") from problem
    except _Wrong as problem:
        raise Invalid(f"{what} {problem}.") from problem
    return value


class _Wrong(Exception):
    """What is wrong, as the end of a sentence."""


def _check_shape(text: str) -> None:
    """Bound depth and number of members by counting, before a parser recurses into them."""
    bare = "".join(STRING.split(text))
    if max(bare.count(":"), bare.count(",")) > MOST_VALUES:
        raise _Wrong(f"has more than {MOST_VALUES:,} values")
    depth = 0
    for bracket in BRACKET.finditer(bare):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEEPEST:
            raise _Wrong(f"is nested more than {DEEPEST} levels deep")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Wrong(f"has the key {name[:80]!a} twice in one object")
        found[name] = value
    return found


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_INTEGER or abs(int(digits)) > LARGEST_EXACT_INTEGER:
        raise _Wrong("has a whole number beyond 2^53: write it as text")
    return int(digits)


def _fraction(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _Wrong("has a number that is too large: write it as text")
    return value


def _constant(name: str) -> None:
    raise _Wrong(f"has {name}, which is not JSON")


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
