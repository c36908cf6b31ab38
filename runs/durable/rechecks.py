"""The sweeper's look at stored contents: round after round each is read and its digest computed anew.

Whoever opens a content has it examined then; this finds what was altered and is opened by nobody.
"""

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import islice
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from governance.ledger.kinds import Kind
from governance.ledger.services import Actor, record
from runs.artifacts.opening import Looked, looked_again, looked_at, store_gives_others
from runs.artifacts.rechecking import Damage, Recheck
from runs.artifacts.storing import StoreAway
from runs.durable.actors import sweeper

LOOK_EVERY_SECONDS: Final = 10.0
MOST_AT_ONCE: Final = 200  # contents: some 70,000 an hour
MOST_BYTES_AT_ONCE: Final = 8_000_000  # out of the store
SURE_AFTER_SECONDS: Final = 3600.0
MOST_AGAIN: Final = 20
MOST_MISSING: Final = 10_000
log = logging.getLogger(__name__)


class Missing:
    """Contents that the store did not have when it was looked at, and how long ago that was first.

    One process knows of them: after it has begun anew the hour does, too.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: dict[UUID, float] = {}

    def overdue(self) -> list[UUID]:
        """Some that are to be looked at a second time."""
        before = self._clock() - SURE_AFTER_SECONDS
        return list(islice((each for each, since in self._since.items() if since <= before), MOST_AGAIN))

    def is_sure(self, artifact: UUID) -> bool:
        """Whether this is the second look, and the first was an hour ago; else this may be the first."""
        if artifact not in self._since and len(self._since) >= MOST_MISSING:
            return False
        return self._clock() - self._since.setdefault(artifact, self._clock()) >= SURE_AFTER_SECONDS

    def forget(self, artifact: UUID) -> None:
        """It is there, or its loss is known, or nobody can say."""
        self._since.pop(artifact, None)


class RecheckPass:
    """Called again and again; it looks only when it is time to."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._again = 0.0
        self._missing = Missing(clock=clock)

    def __call__(self) -> None:
        """Look at the next contents; a store that is away is looked at again later."""
        if self._clock() < self._again:
            return
        self._again = self._clock() + LOOK_EVERY_SECONDS
        with suppress(StoreAway):
            recheck(actor=sweeper(), missing=self._missing)


@transaction.atomic
def recheck(most: int = MOST_AT_ONCE, *, actor: Actor, missing: Missing) -> list[Damage]:
    """Look at the next contents of the round; those found altered or gone that were not found before.

    Gone is what two looks did not find, an hour apart, while the store gave others. One that the store alone
    of all does not give is stepped over. Of two at once the second does nothing. Raises `StoreAway`, and then
    nothing was looked at.
    """
    Recheck.objects.bulk_create([Recheck()], ignore_conflicts=True)
    place = Recheck.objects.select_for_update(skip_locked=True).first()
    if place is None:
        return []
    looked = looked_at(place.after, most=most, most_bytes=MOST_BYTES_AT_ONCE)
    seen = {each.artifact: each for each in (*looked, *looked_again(missing.overdue()))}.values()
    lacking = [each.artifact for each in seen if not each.now]
    there = not lacking or any(each.stored and each.now for each in seen) or store_gives_others(lacking)
    away = [each.artifact for each in looked if each.now is None]
    if away and not there:
        raise StoreAway("The store of large contents does not answer.")
    for each in away:
        log.error("the store does not give the content %s, but others: it is stepped over", each)
    found = _told((each for each in seen if _is_damaged(each, missing, there=there)), actor)
    _step(place, looked)
    return found


def _is_damaged(looked: Looked, missing: Missing, *, there: bool) -> bool:
    if looked.now == "" and not (there and missing.is_sure(looked.artifact)):
        return False
    missing.forget(looked.artifact)
    return looked.now not in {None, looked.sha256}


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
                found_sha256=each.now or "",
                event=event,
            )
        )
    return Damage.objects.bulk_create(made)
