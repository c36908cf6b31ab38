"""Taking the bytes of an artifact out of the store."""

from governance.errors import DomainError
from governance.ledger.canonical import sha256_hex
from runs.artifacts.models import Artifact


class ArtifactDamaged(DomainError):
    """The stored bytes are not the ones that were stored: they must not be shown or used."""


def open_artifact(artifact: Artifact) -> bytes:
    """The artifact's bytes, their digest recomputed just now. Raises `ArtifactDamaged` when it differs."""
    return intact(bytes(artifact.body), artifact.sha256)


def is_intact(artifact: Artifact) -> bool:
    """Whether the artifact's bytes still have the digest that was recorded."""
    try:
        open_artifact(artifact)
    except ArtifactDamaged:
        return False
    return True


def intact(body: bytes, sha256: str) -> bytes:
    """The same bytes, once their digest is known to be the recorded one. Raises `ArtifactDamaged`."""
    found = sha256_hex(body)
    if found != sha256:
        raise ArtifactDamaged(
            f"The content stored as {sha256[:12]}… has the digest {found[:12]}…: it was altered."
        )
    return body
