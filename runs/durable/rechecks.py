"""The sweeper's look at stored contents: round after round each is read and its digest computed anew.

Whoever opens a content has it examined then; this finds what was altered and is opened by nobody.
"""

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from django.db import transaction
from django.utils import timezone

from governance.ledger.kinds import Kind
from governance.ledger.services import Actor, record
from runs.artifacts.opening import Looked, looked_at
from runs.artifacts.rechecking import Damage, Recheck
from runs.artifacts.storing import StoreAway
from runs.durable.actors import sweeper

LOOK_EVERY_SECONDS: Final = 10.0
MOST_AT_ONCE: Final = 200  # contents: some 70,000 an hour
MOST_BYTES_AT_ONCE: Final = 8_000_000  # out of the store
log = logging.getLogger(__name__)


class RecheckPass:
    """Called again and again; it looks only when it is time to."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._again = 0.0

    def __call__(self) -> None:
        """Look at the next contents; a store that is away is looked at again later."""
        if self._clock() < self._again:
            return
        self._again = self._clock() + LOOK_EVERY_SECONDS
        with suppress(StoreAway):
            recheck(actor=sweeper())


@transaction.atomic
def recheck(most: int = MOST_AT_ONCE, *, actor: Actor) -> list[Damage]:
    """Look at the next contents of the round; those found altered or gone that were not found before.

    Of two at once the second does nothing. Raises `StoreAway`, and then nothing was looked at.
    """
    Recheck.objects.bulk_create([Recheck()], ignore_conflicts=True)
    place = Recheck.objects.select_for_update(skip_locked=True).first()
    if place is None:
        return []
    looked = looked_at(place.after, most=most, most_bytes=MOST_BYTES_AT_ONCE)
    found = _told((each for each in looked if each.now != each.sha256), actor)
    _step(place, looked)
    return found


def _step(place: Recheck, looked: list[Looked]) -> None:
    """Where the next look begins; after the last content, with the first."""
    now = timezone.now()
    place.at, place.began_at = now, place.began_at if place.after else now
    place.looked = (place.looked if place.after else 0) + len(looked)
    if looked:
        place.after = looked[-1].artifact
    else:
        place.after, place.whole_at, place.whole = None, now, place.looked
    place.save()


def _told(altered: Iterable[Looked], actor: Actor) -> list[Damage]:
    made = []
    for each in altered:
        if Damage.objects.filter(artifact=each.artifact).exists():
            continue
        found = "altered" if each.now else "gone"
        event = record(
            Kind.CONTENT_DAMAGED,
            actor=actor,
            organisation=each.organisation,
            about=("artifact", each.artifact),
            details={"found": found, "sha256": each.sha256, "now": each.now},
        )
        log.error("the stored content %s is %s", each.artifact, found)
        made.append(
            Damage(
                artifact_id=each.artifact,
                organisation_id=each.organisation,
                found_sha256=each.now,
                event=event,
            )
        )
    return Damage.objects.bulk_create(made)
