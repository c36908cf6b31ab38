"""Stored content as text for a page: never as markup, never endless, and not at all when it was altered."""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from governance.ledger.canonical import sha256_hex
from runs.artifacts.models import Artifact

LONGEST_SHOWN: Final = 40_000


@dataclass(frozen=True)
class Shown:
    """An artifact and what of it the page shows. `text` is None when it must not, or cannot, be shown."""

    artifact: Artifact
    text: str | None
    characters: int
    is_json: bool
    cut: bool
    intact: bool


def shown(artifact: Artifact) -> Shown:
    """The artifact as a person reads it; nothing of one whose digest is not the recorded one."""
    body = bytes(artifact.body)
    intact = sha256_hex(body) == artifact.sha256
    text = _text(body, artifact.media_type) if intact else None
    is_json = artifact.media_type == "application/json"
    length = len(text or "")
    return Shown(
        artifact=artifact,
        text=text if text is None or length <= LONGEST_SHOWN else text[:LONGEST_SHOWN],
        characters=length,
        is_json=is_json,
        cut=length > LONGEST_SHOWN,
        intact=intact,
    )


def messages(artifact: Artifact) -> list[dict[str, str]]:
    """A rendered prompt's messages, each with role and content; empty for what is none, or was altered."""
    body = bytes(artifact.body)
    if sha256_hex(body) != artifact.sha256:
        return []
    try:
        value: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return []
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _text(body: bytes, media_type: str) -> str | None:
    try:
        if media_type == "application/json":
            return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()
        return body.decode("utf-8-sig")
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")
    except UnicodeDecodeError:
        return None
