"""Which of a run's steps other runs rely on: those that were made from it, and took them over."""

from dataclasses import dataclass
from uuid import UUID

from runs.durable.kin import forks_of
from runs.durable.machine import State

# What these took over they need no more.
LET_GO = frozenset({State.CANCELLED, State.COMPENSATING, State.COMPENSATED, State.COMPENSATION_FAILED})


@dataclass(frozen=True, order=True)
class Reliance:
    """The run's steps before this position are relied on, those right before it `by` this run."""

    before: int = 0
    by: UUID | None = None


def reliance_on(run: UUID) -> Reliance:
    """Of forks that go on, or have come to their end, and of forks of forks; a query for each generation."""
    forks, older = [], [run]
    while older:
        made = list(forks_of(older).values_list("source", "pk", "state", "source_position"))
        forks += made
        older = [fork for _, fork, _, _ in made]
    found: dict[UUID | None, Reliance] = {}
    for source, fork, state, position in reversed(forks):  # the youngest first
        taken = position or 0
        beyond = found.get(fork, Reliance())
        own = Reliance(0 if state in LET_GO else taken, fork)
        through = Reliance(min(taken, beyond.before), beyond.by)
        found[source] = max(found.get(source, Reliance()), own, through, key=lambda one: one.before)
    return found.get(run, Reliance())
