"""Passwords and keys that a checkout makes for itself on its first start."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from portal.embedded.errors import EmbeddedError
from portal.embedded.locks import exclusive
from portal.embedded.places import Places


@dataclass(frozen=True)
class Keyring:
    """Random, one set per checkout, readable by the account that runs the portal and nobody else."""

    secret_key: str
    owner_password: str
    app_password: str
    keeper_password: str
    model_key: str
    encryption_key: str


def keyring(places: Places) -> Keyring:
    """The checkout's keyring, made on first use; a key that an older file lacks is added.

    Raises `EmbeddedError` when the file is there but unreadable: replacing it would sign everybody out.
    """
    stored = _stored(places.secrets)
    if _complete(stored):
        return Keyring(**stored)
    places.prepare()
    with exclusive(places.run / "secrets.lock"):
        stored = _stored(places.secrets)
        made = {name.name: stored.get(name.name) or _made(name.name) for name in fields(Keyring)}
        ring = Keyring(**made)
        if not _complete(stored):
            _write(places.secrets, ring)
    return ring


def _made(name: str) -> str:
    """A random key; what encrypts takes 32 bytes with padding, neither more nor less."""
    return f"{secrets.token_urlsafe(32)}=" if name == "encryption_key" else secrets.token_urlsafe(36)


def _complete(stored: dict[str, str]) -> bool:
    return set(stored) == {name.name for name in fields(Keyring)}


def _stored(path: Path) -> dict[str, str]:
    try:
        content = json.loads(path.read_text())
        return {str(name): str(value) for name, value in content.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as problem:
        raise EmbeddedError(
            f"cannot read {path}: {problem}. Mend it, or delete it to have new keys made."
        ) from problem


def _write(path: Path, ring: Keyring) -> None:
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(ring), file, indent=1)
    partial.replace(path)
