"""YAML held to what JSON can say, so that a definition has one meaning and one digest however it is written.

Anchors, aliases, tags and merges are refused, and so is a bare word that YAML's versions read differently
(`yes`, `0o17`, `12:30`, a date): in quotes it is the text that it looks like. Nothing is constructed: the
value is built from the parser's events, within the bounds that hold for JSON.
"""

import re
from typing import Any, Final

import yaml

from governance.errors import Invalid
from governance.ledger.canonical import DEEPEST, LARGEST_EXACT_INTEGER
from governance.ledger.strict_json import LONGEST_INTEGER, MOST_VALUES
from governance.ledger.text import unstorable

# Compiled where the platform has it: the same events, many times faster.
LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LARGEST: Final = 2_000_000
WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
INTEGER: Final = re.compile(r"[-+]?(0|[1-9][0-9]*)")
FRACTION: Final = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
# What YAML 1.1 takes for something else than text, and what 1.2 does.
OLDER: Final = yaml.SafeLoader.yaml_implicit_resolvers
NEWER: Final = re.compile(r"[-+]?0[xo][0-9a-fA-F_]*")


class _Wrong(Exception):
    """What is wrong, as the end of a sentence."""


def read_yaml(text: str, *, what: str) -> Any:
    """The value that the text stands for. Raises `Invalid`; `what` names the text in its message."""
    try:
        if len(text) > LARGEST:
            raise _Wrong(f"has more than {LARGEST:,} characters")
        return _built(text)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise Invalid(f"{what} is not YAML: {problem.problem}{where}.") from problem
    except yaml.YAMLError as problem:
        raise Invalid(f"{what} is not YAML: {str(problem).splitlines()[0][:200]}.") from problem
    except UnicodeEncodeError as problem:
        raise Invalid(f"{what} contains half of a surrogate pair, which is not text.") from problem
    except _Wrong as problem:
        raise Invalid(f"{what} {problem}.") from problem


def could_be_misread(word: str) -> bool:
    """Whether some reader of YAML takes the bare word for something else than a text or what JSON has."""
    older = any(pattern.match(word) for _, pattern in OLDER.get(word[:1], []))
    return older or bool(FRACTION.fullmatch(word) or NEWER.fullmatch(word))


def _built(text: str) -> Any:
    """The one document's value. Does not itself recurse: depth is what an author makes of it."""
    open_parts: list[_Part] = []
    root: _Part = _List()
    for count, event in enumerate(yaml.parse(text, Loader=LOADER)):
        if count > 2 * MOST_VALUES:
            raise _Wrong(f"has more than {MOST_VALUES:,} values")
        _refuse_extras(event)
        here = open_parts[-1] if open_parts else root
        match event:
            case yaml.ScalarEvent():
                here.take(_scalar(event, key=here.wants_key), event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                part: _Part = _Mapping() if isinstance(event, yaml.MappingStartEvent) else _List()
                if len(open_parts) >= DEEPEST:
                    raise _Wrong(f"is nested more than {DEEPEST} levels deep")
                here.take(part.value, event)
                open_parts.append(part)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                open_parts.pop()
    if len(root.value) != 1:
        raise _Wrong("must be one document")
    return root.value[0]


def _line(event: Any) -> str:
    return f"on line {event.start_mark.line + 1}"


def _refuse_extras(event: Any) -> None:
    place = _line(event)
    if isinstance(event, yaml.AliasEvent):
        raise _Wrong(f"has an alias, *{event.anchor}, {place}: write out what it stands for")
    if getattr(event, "anchor", None):
        raise _Wrong(f"has an anchor, &{event.anchor}, {place}: nothing may refer to it")
    if getattr(event, "tag", None):
        raise _Wrong(f"has a tag, {event.tag[:60]}, {place}: leave it out")


class _List:
    """A list that is being read."""

    wants_key = False

    def __init__(self) -> None:
        self.value: Any = []

    def take(self, item: Any, event: Any) -> None:
        self.value.append(item)


class _Mapping:
    """An object that is being read: a key, its value, the next key."""

    def __init__(self) -> None:
        self.value: Any = {}
        self._key: str | None = None

    @property
    def wants_key(self) -> bool:
        return self._key is None

    def take(self, item: Any, event: Any) -> None:
        if self._key is not None:
            self.value[self._key] = item
            self._key = None
            return
        place = _line(event)
        if not isinstance(item, str):
            raise _Wrong(f"has a key that is not text, {place}")
        if item == "<<" and event.implicit[0]:
            raise _Wrong(f"has a merge, <<, {place}: write out what it stands for")
        if item in self.value:
            raise _Wrong(f"has the key {item[:80]!a} twice in one object, {place}")
        self._key = item


_Part = _List | _Mapping


def _scalar(event: yaml.ScalarEvent, *, key: bool) -> Any:
    text: str = event.value
    if complaint := unstorable(text):
        raise _Wrong(f"has a text that {complaint}")
    plain = bool(event.implicit[0])
    if key or not plain:
        return text
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        return _integer(text)
    place = _line(event)
    if FRACTION.fullmatch(text) and not text.lstrip("+-").isdigit():
        raise _Wrong(f"has a number with a fraction, {text[:40]}, {place}: write it as text, in quotes")
    if could_be_misread(text):
        raise _Wrong(f"has “{text[:40]}” {place}, which YAML's versions read differently: put it in quotes")
    return text


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_INTEGER or abs(int(digits)) > LARGEST_EXACT_INTEGER:
        raise _Wrong("has a whole number beyond 2^53: write it as text, in quotes")
    return int(digits)
