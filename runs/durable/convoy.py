"""Short runs that a worker takes together: each executed alone, and all that have ended committed at once.

A claim and a commit cost several times what such a run takes. What is not plain, or comes to another end, is
committed by itself, as any other run. Until its commit none of them has happened, so each may be repeated.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from runs.durable.announce import announce
from runs.durable.checkpoint import Passage, checkpoint, checkpoint_together
from runs.durable.claim import Claim
from runs.durable.journey import Journey
from runs.durable.moves import Move, handed_over


@dataclass
class Member(Journey):
    """A journey whose end waits for that of the others."""

    last: Move | None = None

    def end(self, move: Move) -> bool:
        """To the end, with the others if nothing else is to be done then."""
        if not Passage(self.claim, self.told, move).plain:
            return super().end(move)
        self.last = move
        return False

    def passage(self) -> Passage | None:
        """What is to be committed with the others, unless something comes from outside meanwhile."""
        if self.last is None:
            return None
        return Passage(self.claim, self.told, replace(self.last, nudges=self.claim.nudges))

    def end_alone(self) -> None:
        """To the end, unless something came meanwhile."""
        if self.last is not None:
            super().end(self.last)


def arrive(members: Sequence[Member]) -> list[Member]:
    """Commit what has ended; those for whom something came meanwhile, or whose commit failed, are left."""
    ended = [(member, passage) for member in members if (passage := member.passage()) is not None]
    gone = checkpoint_together([passage for _, passage in ended]) if len(ended) > 1 else set()
    return [member for member, _ in ended if member.claim.run not in gone]


def give_back(held: Claim) -> None:
    """Leave a run whose turn has not come to another worker; it keeps its place in the queue."""
    if checkpoint(held, [], handed_over(held.cursor, attempt=held.attempt, pool=held.pool)):
        announce([held.run], pool=held.pool)
