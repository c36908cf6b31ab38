"""Taking the bytes of an artifact out of wherever they are: the one place that reads them."""

from governance.errors import DomainError
from governance.ledger.canonical import sha256_hex
from runs.artifacts.models import Artifact
from runs.artifacts.storing import NotStored, fetched


class ArtifactDamaged(DomainError):
    """The stored bytes are not the ones that were stored: they must not be shown or used."""


def bytes_of(artifact: Artifact) -> bytes:
    """The artifact's bytes, their digest recomputed just now.

    Raises `ArtifactDamaged` when it differs or they are gone, `StoreAway` when the store does not answer.
    """
    if artifact.inline is not None:
        return intact(bytes(artifact.inline), artifact.sha256)
    try:
        return intact(fetched(artifact.place), artifact.sha256)
    except NotStored as gone:
        raise ArtifactDamaged(
            f"The content stored as {artifact.sha256[:12]}… is not in the store any more."
        ) from gone


def beginning_of(artifact: Artifact, inline: bytes | None, most: int) -> bytes:
    """The first bytes for a list, unchecked: `inline` as the database cut them, else those in the store.

    Empty where the store does not hold them.
    """
    if inline is not None or not artifact.place:
        return bytes(inline or b"")
    try:
        return fetched(artifact.place)[:most]
    except NotStored:
        return b""


def released(artifact: Artifact) -> bytes | None:
    """The artifact's bytes; None when they are not the recorded ones any more."""
    try:
        return bytes_of(artifact)
    except ArtifactDamaged:
        return None


def is_intact(artifact: Artifact) -> bool:
    """Whether the artifact's bytes still have the digest that was recorded."""
    return released(artifact) is not None


def intact(body: bytes, sha256: str) -> bytes:
    """The same bytes, once their digest is known to be the recorded one. Raises `ArtifactDamaged`."""
    found = sha256_hex(body)
    if found != sha256:
        raise ArtifactDamaged(
            f"The content stored as {sha256[:12]}… has the digest {found[:12]}…: it was altered."
        )
    return body
