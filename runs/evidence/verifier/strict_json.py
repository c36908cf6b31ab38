"""JSON in the strict form in which it is signed and recorded: one reading, and bounded before it is parsed.

No key twice, no fractions, no number beyond 2^53, no half of a surrogate pair.
"""

import json
import re
from typing import Any, Final, TypeVar

from runs.evidence.verifier.causes import Cause, Failed
from runs.evidence.verifier.limits import DEEPEST_JSON, LARGEST_INTEGER, LARGEST_JSON, MOST_VALUES

JSON_STRING: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
JSON_BRACKET: Final = re.compile(r"[\[\]{}]")
T = TypeVar("T")


class _NotStrict(ValueError):
    """What is wrong with it, as the end of a sentence."""


def read_strictly(content: bytes, what: str) -> Any:
    """The value that the text stands for. Raises `Failed`; `what` names the text."""
    if len(content) > LARGEST_JSON or sum(map(content.count, (b",", b":", b"[", b"{"))) > MOST_VALUES:
        raise Failed(Cause.LIMIT, f"{what} is larger than it may be.")
    try:
        text = content.decode("utf-8")
        _check_depth(text)
        value = json.loads(
            text,
            object_pairs_hook=_members,
            parse_int=_whole,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()  # a half of a pair is no UTF-8
    except (ValueError, RecursionError) as problem:
        raise Failed(Cause.JSON, f"{what} cannot be read: {str(problem)[:200]}.") from problem
    return value


def canonical_json(value: Any) -> bytes:
    """The one form of a value: keys in order, no blanks (RFC 8785 on what `read_strictly` lets in)."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def member_of(value: Any, name: str, kind: type[T], what: str) -> T:
    """The object's member of this name and kind. Raises `Failed` for another, or none."""
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
        raise Failed(Cause.JSON, f"{what} has no “{name}” of the kind that belongs there.")
    return found


def objects_of(value: Any, name: str, what: str) -> list[dict[str, Any]]:
    """The objects of a list, which is a member of this name. Raises `Failed` for anything else."""
    found: list[Any] = member_of(value, name, list, what)
    if not all(isinstance(each, dict) for each in found):
        raise Failed(Cause.JSON, f"{what} has something among “{name}” that is no object.")
    return found


def texts_of(value: Any, name: str, what: str) -> list[str]:
    """The texts of a list, which is a member of this name. Raises `Failed` for anything else."""
    found: list[Any] = member_of(value, name, list, what)
    if not all(isinstance(each, str) for each in found):
        raise Failed(Cause.JSON, f"{what} has something among “{name}” that is no text.")
    return found


def _check_depth(text: str) -> None:
    depth = 0
    for bracket in JSON_BRACKET.finditer(JSON_STRING.sub("", text)):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEEPEST_JSON:
            raise _NotStrict(f"it is nested more than {DEEPEST_JSON} levels deep")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _NotStrict(f"it has the key {name[:80]!a} twice in one object")
        found[name] = value
    return found


def _whole(digits: str) -> int:
    if len(digits) > len(str(LARGEST_INTEGER)) + 1 or abs(int(digits)) > LARGEST_INTEGER or digits == "-0":
        raise _NotStrict(f"the number {digits[:30]} has no exact form")
    return int(digits)


def _no_number(digits: str) -> None:
    raise _NotStrict(f"the number {digits[:30]} has no exact form")
