"""Where contents are that are too large for a row: files, or a store that speaks S3, as the settings say.

A content's place follows from its organisation and digest, so writing it twice is writing it once, and what
was stored for a run that then did not begin is found again by the next that needs it.
"""

import logging
import os
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages

from governance.errors import DomainError
from governance.ledger.canonical import sha256_hex

ALIAS: Final = "artifacts"
log = logging.getLogger(__name__)


class StoreAway(DomainError):
    """The store of large contents does not answer: nothing is wrong with them, and later they are there."""


class NotStored(LookupError):
    """The store has nothing at this place."""


class ArtifactFiles(FileSystemStorage):
    """Files that are there whole or not at all, whatever stops the process that writes them."""

    def _save(self, name: str, content: "File[Any]") -> str:
        """Beside its place first, on the disk, and then in one move to it."""
        place = Path(self.path(name))
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = place.with_name(f".{place.name}.{uuid4().hex}")
        try:
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(place)
        finally:
            beside.unlink(missing_ok=True)
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The very name: it stands for the content, whoever wrote it first."""
        return name


def is_large(body: bytes) -> bool:
    """Whether the bytes go to the store and not into their row."""
    return len(body) > settings.ARTIFACT_INLINE_BYTES


def place_of(organisation: UUID, sha256: str) -> str:
    """Where in the store the content is."""
    return f"{organisation}/{sha256[:2]}/{sha256}"


def stored(body: bytes, sha256: str, *, organisation: UUID) -> str:
    """Write the bytes, read them back, and return their place.

    Raises `StoreAway` when the store does not take them, or gives back others than it was given.
    """
    place = place_of(organisation, sha256)
    if _held(place) == sha256:
        return place
    try:
        _store().save(place, ContentFile(body))
    except Exception as problem:
        raise _away(problem) from problem
    if _held(place) != sha256:
        raise StoreAway("The store of large contents gave back other bytes than it was given.")
    return place


def fetched(place: str) -> bytes:
    """What the store has at this place. Raises `NotStored` for nothing, `StoreAway` without an answer."""
    try:
        with _store().open(place) as file:
            return bytes(file.read())
    except FileNotFoundError as gone:
        raise NotStored(place) from gone
    except Exception as problem:
        raise _away(problem) from problem


def discard(place: str) -> None:
    """Remove what the store has at this place, if anything. Raises `StoreAway` without an answer."""
    try:
        _store().delete(place)
    except Exception as problem:
        raise _away(problem) from problem


def _held(place: str) -> str:
    try:
        return sha256_hex(fetched(place))
    except NotStored:
        return ""


def _store() -> Storage:
    return storages[ALIAS]


def _away(problem: Exception) -> StoreAway:
    """Every backend has errors of its own; what they say names addresses, so it is only logged."""
    log.warning("the store of large contents failed: %s", type(problem).__name__, exc_info=problem)
    return StoreAway("The store of large contents does not answer. Try again in a moment.")
