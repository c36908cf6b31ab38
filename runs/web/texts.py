"""Stored content as text for a page: never as markup, never endless, and not at all when it was altered."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import orjson

from runs.artifacts.classes import class_words
from runs.artifacts.models import Artifact
from runs.lineage.trace import MEMORY, SIGNAL
from runs.reading.reading import Reading

LONGEST_SHOWN: Final = 40_000
MOST_PARTS: Final = 12
WHOLE: Final = (SIGNAL, MEMORY)  # what these name is read as a whole, whatever dots are in it


@dataclass(frozen=True)
class Masked:
    """A content that is not shown, because of its class; `also` are the others that the page masks."""

    artifact: Artifact
    level: str
    also: tuple[UUID, ...]

    @property
    def words(self) -> str:
        """The class, as people read it."""
        return class_words(self.level)

    @property
    def query(self) -> str:
        """What the page that reveals is asked."""
        return urlencode([("content", self.artifact.pk), *(("also", other) for other in self.also)])


@dataclass(frozen=True)
class Shown:
    """An artifact and what of it the page shows. `text` is None when it must not, or cannot, be shown.

    `parts` are the names and values of a JSON object, each value as a person reads it; `value` is the JSON's.
    """

    artifact: Artifact
    text: str | None
    parts: tuple[tuple[str, str], ...]
    characters: int
    is_json: bool
    cut: bool
    intact: bool
    value: Any = None
    masked: Masked | None = None


@dataclass(frozen=True)
class Sent:
    """A rendered prompt and the role and content of each of its messages; none when it was altered."""

    artifact: Artifact
    messages: tuple[tuple[str, str], ...]
    intact: bool
    masked: Masked | None = None


def masked(artifact: Artifact, reading: Reading) -> Masked | None:
    """Why nothing of it may be shown; None where it may."""
    level = reading.masked.get(artifact.pk)
    if level is None:
        return None
    return Masked(artifact, level, tuple(sorted(reading.masked.keys() - {artifact.pk})))


def shown(artifact: Artifact, reading: Reading) -> Shown:
    """The artifact as a person reads it; nothing of one that is masked, or has not the recorded digest."""
    if hidden := masked(artifact, reading):
        return Shown(artifact, None, (), 0, is_json=False, cut=False, intact=True, masked=hidden)
    body = reading.released(artifact)
    text = None if body is None else _text(body, artifact.media_type)
    is_json = artifact.media_type == "application/json"
    length = len(text or "")
    return Shown(
        artifact=artifact,
        text=text if text is None or length <= LONGEST_SHOWN else text[:LONGEST_SHOWN],
        parts=_parts(body) if is_json and body is not None and length <= LONGEST_SHOWN else (),
        characters=length,
        is_json=is_json,
        cut=length > LONGEST_SHOWN,
        intact=body is not None,
        value=_value(body) if is_json and body is not None else None,
    )


def value_at(content: Shown, reference: str) -> str | None:
    """What stands at the end of a reference such as `redact.text`; None when it is the whole content."""
    path = [] if reference.startswith(WHOLE) else reference.split(".")[1:]
    if not path or not content.intact or not content.is_json:
        return None
    value: Any = content.value
    for part in path:
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    return _worded(value)[:LONGEST_SHOWN]


def sent(artifact: Artifact, reading: Reading) -> Sent:
    """A rendered prompt as the model was sent it; nothing of one that is masked, or was altered."""
    if hidden := masked(artifact, reading):
        return Sent(artifact, (), intact=True, masked=hidden)
    body = reading.released(artifact)
    if body is None:
        return Sent(artifact, (), intact=False)
    value: Any = orjson.loads(body)
    return Sent(artifact, tuple((message["role"], message["content"]) for message in value), intact=True)


def _value(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _parts(body: bytes) -> tuple[tuple[str, str], ...]:
    """The names and values of an object; none for other JSON, or for more than a page wants to list."""
    value = _value(body)
    if not isinstance(value, dict) or not 0 < len(value) <= MOST_PARTS:
        return ()
    return tuple((name.replace("_", " "), _listed(held)) for name, held in value.items())


def _listed(value: Any) -> str:
    """Names with plain values one after another, "card: 1, iban: 2"; anything else as `_worded` has it."""
    if not isinstance(value, dict) or any(isinstance(held, dict | list) for held in value.values()):
        return _worded(value)
    return ", ".join(f"{name.replace('_', ' ')}: {_worded(held)}" for name, held in value.items()) or "none"


def _worded(value: Any) -> str:
    """Text as it is; anything else as JSON."""
    return value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _text(body: bytes, media_type: str) -> str | None:
    try:
        if media_type == "application/json":
            return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()
        return body.decode("utf-8-sig")
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")
    except UnicodeDecodeError:
        return None
