"""Structured content as names and values, and what differs between two of them. Pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

MOST_KEYS = 400
LONGEST_VALUE = 600


@dataclass(frozen=True)
class KeyChange:
    """One name whose value differs; `old` or `new` is empty where there was, or is, none."""

    path: str
    kind: Literal["added", "removed", "changed"]
    old: str
    new: str


def flat(value: Any, path: str = "") -> dict[str, str]:
    """Every value at the end of its path: `{"a": {"b": [1]}}` is `{"a.b.0": "1"}`."""
    found: dict[str, str] = {}
    waiting: list[tuple[str, Any]] = [(path, value)]
    while waiting:
        here, part = waiting.pop()
        if isinstance(part, Mapping) and part:
            waiting.extend(
                (f"{here}.{key}" if here else str(key), item) for key, item in reversed(list(part.items()))
            )
        elif isinstance(part, list | tuple) and part:
            waiting.extend((f"{here}.{number}", item) for number, item in reversed(list(enumerate(part))))
        elif here:
            found[here] = said(part)
    return found


def said(value: Any) -> str:
    """A value as a person would read it."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case dict() | list() | tuple():
            return "empty"
        case _:
            text = str(value)
            return (
                text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}… ({len(text):,} characters)"
            )


def key_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[KeyChange]:
    """What was added, removed and changed, in the order of the new content, then what went."""
    before, after = flat(old), flat(new)
    found = [
        KeyChange(path, "changed", before[path], value)
        if path in before
        else KeyChange(path, "added", "", value)
        for path, value in after.items()
        if before.get(path) != value
    ]
    found += [KeyChange(path, "removed", value, "") for path, value in before.items() if path not in after]
    return found
