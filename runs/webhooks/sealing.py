"""Secrets that must be read again, encrypted while they are stored, under keys that the environment names."""

from collections.abc import Sequence
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from governance.errors import WrongState

MISSING = (
    "ENCRYPTION_KEYS is not set, so the secrets of webhooks cannot be kept. "
    "Whoever installs Countersign sets it in the environment."
)
LOST = "The secret was encrypted under a key that is not among ENCRYPTION_KEYS any more: make a new secret."


class NotSealed(WrongState):
    """There is no key to encrypt a secret with, or none that opens it."""


def seal(secret: bytes) -> str:
    """The secret, encrypted under the first key. Raises `NotSealed` without one."""
    return _keys(tuple(settings.ENCRYPTION_KEYS)).encrypt(secret).decode()


def unseal(sealed: str) -> bytes:
    """The secret, whichever of the keys it was encrypted under. Raises `NotSealed` where none opens it."""
    try:
        return _keys(tuple(settings.ENCRYPTION_KEYS)).decrypt(sealed.encode())
    except InvalidToken as problem:
        raise NotSealed(LOST) from problem


def sealed_by_first(sealed: str) -> bool:
    """Whether the first key opens it, so that the others are not needed for it."""
    try:
        _keys(tuple(settings.ENCRYPTION_KEYS)[:1]).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


@lru_cache(maxsize=8)
def _keys(keys: Sequence[str]) -> MultiFernet:
    if not keys:
        raise NotSealed(MISSING)
    return MultiFernet([Fernet(key) for key in keys])
