"""The runs that were made from one another: what a run was made from, and what was made from any of these."""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from runs.records.models import Run
from runs.records.querysets import RunQuerySet

# What it takes to tell what a run did, and is about to do.
STANDS = ("state", "cursor", "position", "source", "source_position")


def older(run: Run) -> Iterator[tuple[Run, int, float]]:
    """The run and those that it was made from, each with the positions that it executed for this one."""
    member: Run | None = run
    end = float("inf")
    while member is not None:
        first = member.source_position or 0
        yield member, first, end
        member, end = member.source, min(end, first)


def kin_of(run: Run) -> list[Run]:
    """Those of them that may change something outside, as they stand now, the oldest first.

    Replays and experiments never do, nor does what is made from them.
    """
    found, younger = [], [Run.objects.only(*STANDS).get(pk=_oldest(run))]
    while younger:
        found += younger
        younger = list(forks_of(run.pk for run in younger).only(*STANDS))
    return found


def forks_of(runs: Iterable[UUID]) -> RunQuerySet:
    """What was made from these runs to go on with what they came to."""
    return Run.objects.filter(source__in=list(runs), overrides={}).exclude(origin=Run.Origin.REPLAY)


def shared_with(run: Run, kin: Sequence[Run]) -> dict[UUID, float]:
    """Of each of its kin, the oldest first, the position from which on its past is not the run's too.

    There the two went apart: the same position of both may be another node from then on.
    """
    mine = {member.pk: end for member, _first, end in older(run)}
    shared: dict[UUID, float] = {}
    for member in kin:
        shared[member.pk] = mine[member.pk] if member.pk in mine else _apart(member, shared)
    return shared


def lock_kin(run: Run) -> None:
    """In this transaction nobody else forks or resumes any of its kin.

    Nor does anybody cancel the run, or one that it was made from, and none of these begins to undo anything.
    """
    members = [member for member, _first, _end in older(run)]
    for member in reversed(members):
        _lock(member.pk)
    for member in members:
        member.refresh_from_db(fields=["state", "cursor", "position"])


def lock_oldest(run: Run) -> None:
    """In this transaction nobody else forks, resumes or cancels any of its kin, once the run is locked too.

    One that was made from no other is not locked here: whoever locks its parts does so before it.
    """
    if (oldest := _oldest(run)) != run.pk:
        _lock(oldest)


def _apart(member: Run, shared: dict[UUID, float]) -> float:
    """One that was made from another shares no more than that one does, and what it took over of it."""
    made_from = float("inf") if member.source_id is None else shared[member.source_id]
    return min(made_from, member.source_position or 0)


def _lock(run: UUID) -> None:
    Run.objects.select_for_update(of=("self",), no_key=True).get(pk=run)


def _oldest(run: Run) -> UUID:
    *_, (oldest, _first, _end) = older(run)
    return oldest.pk
