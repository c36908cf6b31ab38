"""Separation of duties: who may not decide, and whether a decision is reached. Pure functions, no database.

Source of the rule: SOC 2 CC6.3/CC8.1 and ISO/IEC 27001 A.5.3 ask that nobody approves a change of their own.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

PROTECTED_QUORUM = 1


@dataclass(frozen=True)
class Demand:
    """What the environment asks of a release: how many people must approve, and who cannot be among them."""

    quorum: int
    excluded: Mapping[UUID, str]


def demand(*, protected: bool, submitter: UUID, authors: Mapping[UUID, str]) -> Demand:
    """The demand on a release.

    `authors` maps each person whose work is in it to what they wrote ("complaint-reply v2"). An unprotected
    environment asks for nobody.
    """
    excluded = {person: f"wrote {work}" for person, work in authors.items()}
    excluded[submitter] = (
        f"submitted it and {excluded[submitter]}" if submitter in excluded else "submitted it"
    )
    return Demand(quorum=PROTECTED_QUORUM if protected else 0, excluded=excluded)


def barred_from_own(*, protected: bool, starters: Collection[UUID], person: UUID) -> bool:
    """Whether a person may not approve what a run asks: where it is protected, what they set going."""
    return protected and person in starters


@dataclass(frozen=True)
class Ballot:
    """One vote, as far as counting goes."""

    person: UUID
    approves: bool
    digest: str


def reached(*, quorum: int, excluded: Iterable[UUID], digest: str, ballots: Iterable[Ballot]) -> bool:
    """Whether enough different, eligible people approved exactly this digest, and none rejected it."""
    counted = _counted(excluded, digest, ballots)
    return all(ballot.approves for ballot in counted) and _people(counted) >= quorum


def approving(*, excluded: Iterable[UUID], digest: str, ballots: Iterable[Ballot]) -> int:
    """How many different, eligible people approved exactly this digest."""
    return _people(_counted(excluded, digest, ballots))


def _counted(excluded: Iterable[UUID], digest: str, ballots: Iterable[Ballot]) -> list[Ballot]:
    barred = set(excluded)
    return [ballot for ballot in ballots if ballot.digest == digest and ballot.person not in barred]


def _people(counted: Iterable[Ballot]) -> int:
    return len({ballot.person for ballot in counted if ballot.approves})
