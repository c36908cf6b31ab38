"""The keys of a log: each as the log itself announces it, and each next one vouched for by the one before."""

import itertools
from collections.abc import Iterator, Sequence
from uuid import UUID

from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.proof.findings import Finding
from governance.proof.log_keys import LOST, keys_of, name_of, vouched
from governance.proof.models import LogKey


def unproven(log: UUID) -> Iterator[Finding]:
    """The first key that nothing in the log vouches for: whoever writes rows could sign by it."""
    keys = keys_of(log)
    pairs: Sequence[tuple[LogKey, LogKey]] = [*itertools.pairwise(keys)]
    if keys and not _announced(keys[0]):
        yield _finding(keys[0], "the log does not announce it")
        return
    for before, key in pairs:
        if not vouched(key, before):
            yield _finding(key, "the one before does not vouch for it")
            return


def restores(log: UUID) -> Iterator[Finding]:
    """Each restore after which the log went on: what was lost by it, and who said so. It is no finding."""
    for before, key in itertools.pairwise(keys_of(log)):
        if name_of(before) != name_of(key):
            event = Event.objects.filter(pk=key.event).first()
            told = event.details if event else {}
            lost = told.get(LOST, {})
            said = (
                f"The database was restored: {name_of(before)} was signed up to {lost.get('size', 0):,} "
                f"entries, of which those from {key.from_size - 1:,} on are lost. The log goes on as "
                f"{name_of(key)}. "
                f"{event.actor_name if event else 'Nobody'}: {told.get('reason', '')}"
            )
            yield Finding("restored", said, log, key.from_size - 1, key.event, key.at)


def _announced(key: LogKey) -> bool:
    event = Event.objects.filter(pk=key.event, kind=Kind.LOG_KEY_ANNOUNCED).first()
    return event is not None and event.details.get("vkey") == key.vkey and key.from_size == 0


def _finding(key: LogKey, said: str) -> Finding:
    return Finding("key_unproven", f"{key.vkey}: {said}.", key.log, key.from_size, key.event, key.at)
