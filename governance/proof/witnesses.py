"""The witnesses that the checkpoints are shown to, as the installation names them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from governance.merkle.errors import NoteMalformed
from governance.merkle.keys import COSIGNATURE, Key, parse_vkey

MOST: Final = 8  # a note has sixteen signatures at most, and witnesses are replaced by others
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Witness:
    """Who cosigns: what people call it, where it answers, and its key."""

    name: str
    url: str
    key: Key

    @property
    def here(self) -> bool:
        """Whether it runs on the machine of the keeper, against whose owner it then proves nothing."""
        return urlsplit(self.url).hostname in LOOPBACK


def witnesses() -> tuple[Witness, ...]:
    """Those that the settings name."""
    found: tuple[Witness, ...] = settings.WITNESSES
    return found


def configured(named: Iterable[tuple[str, str, str]]) -> tuple[Witness, ...]:
    """The witnesses of these names, addresses and verifier keys. Raises `ImproperlyConfigured` in words."""
    found = tuple(Witness(name, url.rstrip("/"), _key(name, vkey)) for name, url, vkey in named)
    if len(found) > MOST:
        raise ImproperlyConfigured(f"WITNESSES: there are more than {MOST}.")
    if len({each.name for each in found}) < len(found):
        raise ImproperlyConfigured("WITNESSES: two of them have the same name.")
    if len({each.key.public for each in found}) < len(found):
        raise ImproperlyConfigured("WITNESSES: two of them have the same key.")
    return found


def _key(name: str, vkey: str) -> Key:
    try:
        key = parse_vkey(vkey)
    except NoteMalformed as problem:
        raise ImproperlyConfigured(f"WITNESSES: the vkey of {name} is none: {problem}") from problem
    if key.kind != COSIGNATURE:
        raise ImproperlyConfigured(f"WITNESSES: the vkey of {name} is a log's, not a witness's.")
    return key
