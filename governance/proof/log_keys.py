"""The keys that sign a log, each from a size on, and how one vouches for the next.

A log's name is its key's. It changes with a restore alone, when the log goes on under its next one.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from governance.accounts.models import Organisation
from governance.ledger.canonical import canonical
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.merkle.errors import ProofInvalid, Unproven
from governance.merkle.keys import Key, from_base64, key_of, parse_vkey, to_base64
from governance.proof.models import LogKey
from governance.proof.querysets import INSTALLATION

VOUCHED: Final = ("from_size", "log", "new", "old")  # what both keys sign, and with a restore what was lost
LOST: Final = "lost"
NEXT_NAME: Final = "~"  # before the number of a log's second name, third …: no slug has it


def keys_of(log: UUID) -> list[LogKey]:
    """All that ever signed the log, the first first."""
    return [*LogKey.objects.filter(log=log).order_by("from_size")]


def own_key(name: str, key: Ed25519PrivateKey) -> Key:
    """The public half, under a log's name."""
    return key_of(name, key.public_key().public_bytes_raw())


def key_at(keys: Sequence[LogKey], size: int) -> Key:
    """The one in force at this size. Raises `ProofInvalid` where there was none."""
    held = [key for key in keys if key.from_size <= size]
    if not held:
        raise ProofInvalid("no key was announced for it.")
    return parse_vkey(held[-1].vkey)


def name_of(key: LogKey) -> str:
    """The log's name while this key is in force."""
    return key.vkey.split("+", 1)[0]


def first_name(log: UUID, prefix: str) -> str:
    """The name that a log gets with its first note."""
    if log == INSTALLATION:
        return prefix
    slug = Organisation.objects.filter(pk=log).values_list("slug", flat=True).first()
    return f"{prefix}/{slug or log}"


def names(logs: Sequence[UUID] | None = None) -> dict[UUID, str]:
    """The present name of each log that has a key (of these)."""
    asked = LogKey.objects.order_by("log", "from_size")
    return {key.log: name_of(key) for key in (asked if logs is None else asked.filter(log__in=logs))}


def log_named(name: str) -> UUID | None:
    """The log that has this name, or had it before it was restored."""
    return LogKey.objects.filter(vkey__startswith=f"{name}+").values_list("log", flat=True).first()


def signed_by_both(
    told: Mapping[str, Any], *, old: Ed25519PrivateKey, new: Ed25519PrivateKey
) -> dict[str, Any]:
    """The details of an event by which one key hands over to the next, with both signatures."""
    message = _message(told)
    return {**told, "signatures": {"new": to_base64(new.sign(message)), "old": to_base64(old.sign(message))}}


def vouched(key: LogKey, before: LogKey) -> bool:
    """Whether the event that the key names says that it follows this one, signed by both."""
    event = Event.objects.filter(pk=key.event, kind__in=[Kind.LOG_KEY_ROTATED, Kind.LOG_RESTORED]).first()
    told = event.details if event else {}
    expected = {"from_size": key.from_size, "log": str(key.log), "new": key.vkey, "old": before.vkey}
    if any(told.get(name) != value for name, value in expected.items()):
        return False
    try:
        message, signatures = _message(told), told["signatures"]
        for who in ("new", "old"):
            parse_vkey(told[who]).check(from_base64(signatures[who]), message)
    except (Unproven, KeyError, TypeError):
        return False
    return True


def trusted(log: UUID, own: Key) -> list[LogKey]:
    """The log's keys for which its present one, which is the asker's own, vouches; the first first."""
    keys = keys_of(log)[::-1]
    if not keys or keys[0].vkey != own.vkey:
        return []
    links = itertools.takewhile(lambda pair: vouched(*pair), itertools.pairwise(keys))
    return [keys[0], *(before for _, before in links)][::-1]


def _message(told: Mapping[str, Any]) -> bytes:
    """What both sign."""
    return canonical({name: told[name] for name in (*VOUCHED, LOST) if name in VOUCHED or name in told})
