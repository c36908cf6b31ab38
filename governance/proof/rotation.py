"""The key that signs hands over to the next, in every log at once and by an event in each.

What one signed stays its own, up to the size that it signed last; from the next on the other's signature
alone is one, over a tree that holds the event with the signatures of both.
"""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction

from governance.accounts.models import User
from governance.errors import Invalid, NotAllowed, WrongState
from governance.ledger.services import details_bytes
from governance.ledger.text import storable
from governance.proof.log_keys import keys_of, name_of, own_key, signed_by_both
from governance.proof.memory import Memory
from governance.proof.models import Checkpoint, LogKey
from governance.proof.sequencing import sequence
from governance.proof.signing import Signer
from governance.proof.sizes import sizes

LONGEST_REASON: Final = 1000
ROTATED: Final = "SELECT ledger_turn(%s, %s, 'log_key.rotated', %s)"


def rotate_key(
    new: Ed25519PrivateKey, *, old: Ed25519PrivateKey, memory: Memory, prefix: str, actor: User, reason: str
) -> int:
    """Sign all logs a last time, hand over, and sign them by the new key; how many it signs.

    It may be called again wherever it was interrupted. Raises `NotAllowed` unless the actor owns an
    organisation, `WrongState` while a log cannot be signed, and `Invalid`.
    """
    if not actor.owned_organisations.exists():
        raise NotAllowed("Only a platform owner rotates the key of the logs.", missing="platform owner")
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say why the key is rotated.")
    if new.private_bytes_raw() == old.private_bytes_raw():
        raise Invalid("This is the key that signs already.")
    logs = [*_of(old)]
    if logs:
        sequence()
        _sign(Signer(old, memory, prefix=prefix), logs)
        _hand_over(logs, new=new, old=old, actor=actor, reason=reason)
    sequence()
    taken = [*_of(new)]
    _sign(Signer(new, memory, prefix=prefix), taken)
    return len(taken)


def _of(key: Ed25519PrivateKey) -> Iterator[UUID]:
    """The logs that this key signs."""
    for log in LogKey.objects.values_list("log", flat=True).distinct().order_by("log"):
        last = keys_of(log)[-1]
        if last.vkey == own_key(name_of(last), key).vkey:
            yield log


def _sign(signer: Signer, logs: list[UUID]) -> None:
    findings = signer.start()
    if concerned := [found for found in findings if found.log in logs]:
        raise WrongState(f"A log does not hold, so nothing is rotated: {concerned[0].said}")
    for log in logs:
        if log in sizes():
            signer.sign(log)


@transaction.atomic
def _hand_over(
    logs: list[UUID], *, new: Ed25519PrivateKey, old: Ed25519PrivateKey, actor: User, reason: str
) -> None:
    with connection.cursor() as cursor:
        for log in logs:
            held, last = keys_of(log)[-1], Checkpoint.objects.of(log).first()
            told = {
                "from_size": max(last.size if last else 0, held.from_size) + 1,
                "log": str(log),
                "new": own_key(name_of(held), new).vkey,
                "old": held.vkey,
                "reason": reason,
            }
            cursor.execute(ROTATED, [log, actor.pk, details_bytes(signed_by_both(told, old=old, new=new))])
