"""The policy file: whom a reader of evidence trusts, to be kept apart from every bundle."""

import itertools
from collections.abc import Iterator
from typing import Any

from governance.accounts.models import Organisation
from governance.errors import WrongState
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.proof.log_keys import keys_of, name_of, names
from governance.proof.models import Log, Position
from governance.proof.witnesses import witnesses


def policy_of(organisation: Organisation) -> dict[str, Any]:
    """The organisation's log and the keys in force, with the sizes of the log from and to which each was.

    Of the witnesses that the installation names one must have signed; the reader asks each for its key, and
    adds others and the last checkpoint that is trusted. Raises `WrongState` before the log was ever signed.
    """
    log = Log.objects.filter(pk=organisation.pk).first()
    if log is None:
        raise WrongState("The log of this organisation was never signed yet, so there is nothing to trust.")
    seen_by = [witness.key.vkey for witness in witnesses()]
    return {
        "origin": names([log.pk]).get(log.pk, log.origin),
        "keys": list(_log_keys(log)),
        "evidence_keys": list(_evidence_keys(organisation)),
        "witnesses": seen_by,
        "quorum": min(1, len(seen_by)),
        "trusted": None,
    }


def _log_keys(log: Log) -> Iterator[dict[str, Any]]:
    """Each key of the log's present name, up to where the next one begins."""
    keys = keys_of(log.pk)
    for key, following in itertools.pairwise([*keys, None]):
        if key is not None and name_of(key) == name_of(keys[-1]):
            last = None if following is None else following.from_size - 1
            yield {"vkey": key.vkey, "from": key.from_size, "to": last}


def _evidence_keys(organisation: Organisation) -> Iterator[dict[str, Any]]:
    """Each from the size at which the log had announced it."""
    announced = Event.objects.filter(kind=Kind.EVIDENCE_KEY_ANNOUNCED, organisation=organisation.pk)
    places = dict(Position.objects.filter(pk__in=announced.values("pk")).values_list("event", "position"))
    for event in announced.order_by("id"):
        if event.pk in places:
            yield {"vkey": event.details["vkey"], "from": places[event.pk] + 1, "to": None}
