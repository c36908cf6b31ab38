"""Room at a provider or an HTTP endpoint: who finds none sleeps, and the worker does something else.

PostgreSQL counts, by its own clock. Where an organisation has no limit nothing is asked of it: which ones
have is remembered for a few seconds.
"""

import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from governance.catalog.calls import HttpCall, LlmCall, effect_of
from governance.ledger.identity import uuid7
from runs.durable.actors import engine
from runs.durable.announce import nudge
from runs.durable.outcomes import Outcome, Wait
from runs.durable.statements import Statement, rows
from runs.durable.visits import Visit
from runs.providers.models import Limit
from runs.records.models import Run

REMEMBERED_SECONDS = 3.0
LONGEST_CLOSED = 3600.0
# Whoever waits for another call to end is woken by it; should that be lost, it looks again by itself, at
# first soon and then after as long as it has waited.
SOONEST_LOOK, LATEST_LOOK = 5.0, 300.0
Name = tuple[UUID, str, str]


@dataclass(frozen=True)
class Known:
    """A limit, and whether it counts those who ask at once."""

    id: UUID
    counts: bool


_remembered: dict[Name, Known] = {}
_read_at = float("-inf")


def room_for(visit: Visit) -> Wait | None:
    """None when the step may ask whom it asks, which is noted until its checkpoint; else the wait for it."""
    first = next(_asked(visit), None)
    return None if first is None or asks_for_itself(visit) else room_at(visit, *first)


def asks_for_itself(visit: Visit) -> bool:
    """Whether the step looks for room on its own, since it may go elsewhere; an unsafe one may not."""
    call = visit.call
    return isinstance(call, LlmCall) and visit.name in visit.plan.fallbacks and effect_of(call) != "unsafe"


def room_at(visit: Visit, kind: str, name: str, *, owed: bool = False) -> Wait | None:
    """None when there is room there, or what is `owed`: then the call is counted and made all the same."""
    held, waited = visit.held, visit.waited
    known = _limited().get((held.organisation, kind, name))
    if known is None:
        return None
    values = {
        "limit": known.id,
        "run": held.run,
        "epoch": held.epoch,
        "waited": visit.compensates is not None or (waited is not None and waited.what == Run.WaitsFor.LIMIT),
        "owed": owed,
    }
    [found] = rows(Statement.ASK, values)
    if found.said == "free":
        return None
    return Wait(
        Run.WaitsFor.LIMIT,
        seconds=_patience(visit, found.said, found.seconds),
        begin=lambda: _stand_in_line(held.run, known.id),
        about={"at": name, "because": found.said},
    )


def passing_on(visit: Visit, outcome: Outcome) -> Outcome:
    """The outcome; with its commit, whoever waits for the step's place at a provider goes on.

    What was limited when the step looked for room counts: between an answer that was paid for and its
    checkpoint nothing is asked of a database that may be away.
    """
    names = [(visit.held.organisation, kind, name) for kind, name in _asked(visit)]
    known = [_remembered.get(name) for name in names]
    used = [found.id for found in known if found is not None and found.counts]
    return outcome.along(lambda _: _pass_on(used)) if used else outcome


def close_for(organisation: UUID, kind: str, name: str, *, seconds: float) -> None:
    """The other side was asked too often: the organisation does not ask it for so long, at most an hour."""
    if seconds <= 0:
        return
    values = {
        "id": uuid7(),
        "organisation": organisation,
        "kind": kind,
        "name": name,
        "seconds": min(max(seconds, 0.0), LONGEST_CLOSED),
        "actor": engine().pk,
    }
    rows(Statement.CLOSE, values)
    forget()


def look_again(limit: UUID) -> None:
    """In this transaction: who waits for room there looks again at once."""
    waiting = Run.objects.filter(state=Run.State.WAITING, waits_for=Run.WaitsFor.LIMIT, wake_at__isnull=False)
    waiting.filter(asking=str(limit)).update(wake_at=Now())


def forget() -> None:
    """Read anew which providers are limited, before the next call."""
    global _read_at  # noqa: PLW0603 - one memory per process is the point
    _read_at = float("-inf")


def _asked(visit: Visit) -> Iterator[tuple[str, str]]:
    """Whom the step asks: the kind and name of its provider or endpoint, then those of its fallback."""
    match visit.call:
        case HttpCall():
            yield Limit.Kind.ENDPOINT.value, visit.call.endpoint
        case LlmCall():
            for models in (visit.plan.models, visit.plan.fallbacks):
                if visit.name in models:
                    yield Limit.Kind.PROVIDER.value, models[visit.name].content.provider


def _limited() -> Mapping[Name, Known]:
    """What is limited, of all organisations, as of some seconds ago."""
    global _remembered, _read_at  # noqa: PLW0603 - one memory per process is the point
    now = time.monotonic()
    if now - _read_at > REMEMBERED_SECONDS:
        wanted = Q(per_minute__isnull=False) | Q(at_once__isnull=False) | Q(closed_until__gt=Now())
        found = Limit.objects.filter(wanted).only("organisation", "kind", "name", "at_once")
        _remembered = {
            (limit.organisation_id, limit.kind, limit.name): Known(limit.pk, limit.at_once is not None)
            for limit in found
        }
        _read_at = now
    return _remembered


def _patience(visit: Visit, said: str, seconds: float | None) -> float:
    """For how long to sleep: not all who wait wake at one moment, and nobody beyond the time to begin in."""
    waited = visit.waited
    so_far = 0.0
    if waited and waited.what == Run.WaitsFor.LIMIT and waited.since and waited.until:
        so_far = max(0.0, (waited.until - waited.since).total_seconds())
    if said == "busy" or seconds is None:
        seconds = min(max(so_far, SOONEST_LOOK), LATEST_LOOK) * random.uniform(0.5, 1)  # noqa: S311 - jitter
    elif said == "closed":
        seconds += random.uniform(0, min(30.0, 0.2 + seconds / 4))  # noqa: S311 - jitter
    limit = visit.call.start_within_s if visit.call else None
    return seconds if limit is None else min(seconds, max(0.1, limit + 0.1 - so_far))


def _stand_in_line(run: UUID, limit: UUID) -> None:
    """The run sleeps, and says what for: who leaves finds it by that."""
    Run.objects.filter(pk=run).update(asking=str(limit))


def _pass_on(limits: list[UUID]) -> None:
    for limit in limits:
        for row in rows(Statement.RELIEVE, {"limit": limit}):
            transaction.on_commit(partial(nudge, str(row.pool), times=1))
