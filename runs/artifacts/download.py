"""Handing stored bytes over as a file: a harmless name, and nothing that a browser would run."""

import re
from typing import Final

from runs.artifacts.models import Artifact
from runs.artifacts.store import JSON, OCTETS, TEXT

DOWNLOADED: Final = OCTETS  # whatever it is: a browser neither guesses its type nor shows it
ENDINGS: Final = {TEXT: ".txt", JSON: ".json"}
UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


def safe_name(artifact: Artifact, filename: str = "") -> str:
    """The file's name reduced to plain letters, with the ending of the media type; without one the digest."""
    stem = UNSAFE.sub("-", filename.rsplit(".", 1)[0]).strip("-._")[:60]
    return (stem or artifact.sha256[:16]) + ENDINGS.get(artifact.media_type, ".bin")


def inert_headers(artifact: Artifact, filename: str = "") -> dict[str, str]:
    """An attachment; and even where a browser opens it: no script, no style, no frame, no request."""
    return {
        "Content-Disposition": f'attachment; filename="{safe_name(artifact, filename)}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
