"""The runs that were made from one another: what a run was made from, and what was made from any of these."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from runs.records.models import Run


def older(run: Run) -> Iterator[tuple[Run, int, float]]:
    """The run and those that it was made from, each with the positions that it executed for this one."""
    member: Run | None = run
    end = float("inf")
    while member is not None:
        first = member.source_position or 0
        yield member, first, end
        member, end = member.source, min(end, first)


def kin_of(run: Run) -> list[Run]:
    """All of them, as their rows are now, the oldest first."""
    found, younger = [], [Run.objects.get(pk=_oldest(run))]
    while younger:
        found += younger
        younger = list(Run.objects.filter(source__in=younger))
    return found


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
    """In this transaction nobody else forks or resumes any of its kin, and nobody cancels the run itself."""
    lock_oldest(run)
    _lock(run.pk)
    run.refresh_from_db(fields=["state", "cursor", "position"])


def lock_oldest(run: Run) -> None:
    """In this transaction nobody else forks or resumes any of its kin, once the run itself is locked too.

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
