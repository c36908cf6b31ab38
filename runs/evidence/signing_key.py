"""The key that statements are signed with: the web process holds it, as it never holds the log's."""

from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction

from governance.accounts.models import Organisation, User
from governance.errors import Invalid, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.ledger.services import record
from governance.merkle.keys import Key, key_of
from governance.proof.keys import make_key, read_key
from governance.proof.models import Log

NAMED: Final = "evidence"  # below the log's origin, where no log can be

NEVER_SIGNED: Final = "The log of this organisation was never signed, so nothing can be proven from it yet."


def signing_key() -> Ed25519PrivateKey:
    """The key of EVIDENCE_KEY_FILE, made on first use. Raises `Invalid` for a file that holds none."""
    path = Path(settings.EVIDENCE_KEY_FILE)
    if not path.exists():
        try:
            return make_key(path)
        except Invalid:  # another process made it meanwhile
            return read_key(path)
    return read_key(path)


def known_as(organisation: Organisation, key: Ed25519PrivateKey) -> Key:
    """The public half, under the name that statements about this organisation have.

    Raises `WrongState` before the organisation's log was ever signed.
    """
    origin = Log.objects.filter(pk=organisation.pk).values_list("origin", flat=True).first()
    if origin is None:
        raise WrongState(NEVER_SIGNED)
    return key_of(f"{origin}/{NAMED}", key.public_key().public_bytes_raw())


def announce_key(organisation: Organisation, *, actor: User) -> Event:
    """Let the organisation's log say which key signs its evidence, once for each; the event that says so."""
    return _announced(organisation, known_as(organisation, signing_key()).vkey, actor)


@transaction.atomic(durable=True)
def _announced(organisation: Organisation, vkey: str, actor: User) -> Event:
    known = Event.objects.filter(kind=Kind.EVIDENCE_KEY_ANNOUNCED, organisation=organisation.pk)
    for event in known.order_by("id"):
        if event.details.get("vkey") == vkey:
            return event
    made = record(
        Kind.EVIDENCE_KEY_ANNOUNCED,
        actor=actor,
        organisation=organisation.pk,
        about=("organisation", organisation.pk),
        details={"vkey": vkey},
    )
    return Event.objects.get(pk=made)
