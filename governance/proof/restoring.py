"""Going on after the database was restored from a backup that is older than what was signed.

Under its name the log was signed at sizes that it no longer has; under that name it is never signed again.
It goes on under its next one, and an event says what was signed last before, and up to where both agree.
"""

from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction

from governance.accounts.models import User
from governance.errors import NotAllowed, WrongState
from governance.ledger.services import details_bytes
from governance.ledger.text import storable
from governance.merkle.errors import ProofInvalid, Unproven
from governance.merkle.note import parse, verify
from governance.proof.findings import Altered
from governance.proof.freezing import thaw
from governance.proof.log_keys import NEXT_NAME, key_at, name_of, own_key, signed_by_both, trusted
from governance.proof.memory import Memory, Remembered
from governance.proof.models import Checkpoint, Freeze, LogKey
from governance.proof.querysets import INSTALLATION
from governance.proof.sequencing import sequence
from governance.proof.signing import Signer, still_there
from governance.proof.stored_tiles import frontier_of

LONGEST_REASON: Final = 1000
RESTORED: Final = "SELECT ledger_turn(%s, %s, 'log.restored', %s)"
OLDER_KEY: Final = (
    "The database is from before the log's key was rotated: name the key of then, which it says, in "
    "LEDGER_KEY_FILE, and rotate the key again afterwards."
)
NOT_OLDER: Final = (
    "The database is not only older than what was signed: below its last checkpoint it was changed. "
    "`manage.py ledger verify` says where."
)


def restore_log(
    log: UUID, *, key: Ed25519PrivateKey, memory: Memory, prefix: str, actor: User, reason: str
) -> Checkpoint | None:
    """Have the log go on; its first checkpoint under the new name. May be called again where interrupted.

    The findings that it was set back are looked into by this. Raises `NotAllowed` unless the actor owns the
    log's organisation (of the installation's, some organisation), `WrongState` when all that was signed is
    there, and when what is there is not what was signed before.
    """
    owned = set(actor.owned_organisations.values_list("pk", flat=True))
    if not (log in owned or (owned and log == INSTALLATION)):
        raise NotAllowed("Only a platform owner has a log go on.", missing="platform owner")
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say what was restored.")
    sequence()
    keys = trusted(log, own_key(_present(log), key))
    if not keys:
        raise WrongState(OLDER_KEY)
    lost = _lost(log, memory, name_of(keys[-1]))
    agreed = _agreed(log, keys, lost)
    if memory.of(log) is not None:
        memory.end(log)  # from here on nothing is signed under that name, whatever happens
    told = _told(log, lost, agreed, keys, len(memory.ended(log)))
    told |= {"new": own_key(told["name"], key).vkey, "reason": reason}
    del told["name"]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(RESTORED, [log, actor.pk, details_bytes(signed_by_both(told, old=key, new=key))])
        for found in Freeze.objects.standing().filter(log=log, code="memory_ahead"):
            thaw(found, actor=actor, reason=reason)
    sequence()
    signer = Signer(key, memory, prefix=prefix)
    signer.start()
    return signer.sign(log)


def _present(log: UUID) -> str:
    """The log's name as the database has it."""
    last = LogKey.objects.filter(log=log).order_by("-from_size").first()
    if last is None:
        raise WrongState("This log has no key in this database, so nothing of it is there to go on with.")
    return name_of(last)


def _lost(log: UUID, memory: Memory, name: str) -> Remembered:
    """The last note that was signed and is not there any more, of which the database has not been told."""
    known = memory.of(log)
    if known is None:
        found = [note for note in memory.ended(log) if note.note.origin == name]
        if not found:
            raise WrongState("The keeper has signed nothing under this log's name that is not there.")
        return found[-1]
    if known.note.origin != name:
        return known
    try:
        still_there(known)
    except Altered:
        return known
    raise WrongState("All that was signed is there: the log goes on as it is.")


def _agreed(log: UUID, keys: list[LogKey], lost: Remembered) -> Checkpoint | None:
    """The last checkpoint of the database, which must be one of ours and over what is there."""
    last = Checkpoint.objects.of(log).first()
    if last is None:
        return None
    try:
        verify(parse(bytes(last.note)), [key_at(keys, last.size)])
        holds = frontier_of(log, last.size).root() == bytes(last.root)
    except (Unproven, ProofInvalid):
        holds = False
    if not holds or last.size >= lost.note.size:
        raise WrongState(NOT_OLDER)
    return last


def _told(
    log: UUID, lost: Remembered, agreed: Checkpoint | None, keys: list[LogKey], number: int
) -> dict[str, Any]:
    """What was lost, and how the log is called from now on."""
    size = agreed.size if agreed else 0
    first = name_of(keys[0]).split(NEXT_NAME)[0]
    return {
        "from_size": max(size, keys[-1].from_size) + 1,
        "log": str(log),
        "lost": {
            "agreed": {"root": bytes(agreed.root).hex() if agreed else None, "size": size},
            "note": lost.content.decode(),
            "size": lost.note.size,
        },
        "name": f"{first}{NEXT_NAME}{number + 1}",
        "old": keys[-1].vkey,
    }
