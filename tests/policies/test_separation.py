"""Who may decide, and when it is decided: pure functions, so every case can be tried."""

from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from governance.policies.separation import Ballot, barred_from_own, demand, reached

PEOPLE = [uuid4() for _ in range(5)]
DIGESTS = ["a" * 64, "b" * 64]
BALLOTS = st.lists(
    st.builds(
        Ballot, person=st.sampled_from(PEOPLE), approves=st.booleans(), digest=st.sampled_from(DIGESTS)
    ),
    max_size=8,
)
EXCLUDED = st.sets(st.sampled_from(PEOPLE))


@given(ballots=BALLOTS, excluded=EXCLUDED, quorum=st.integers(1, 3))
def test_a_decision_is_reached_by_enough_different_eligible_people_and_no_rejection(
    ballots: list[Ballot], excluded: set[UUID], quorum: int
) -> None:
    fair = [ballot for ballot in ballots if ballot.digest == DIGESTS[0] and ballot.person not in excluded]
    approving = {ballot.person for ballot in fair if ballot.approves}
    rejecting = {ballot.person for ballot in fair if not ballot.approves}

    found = reached(quorum=quorum, excluded=excluded, digest=DIGESTS[0], ballots=ballots)
    assert found is (len(approving) >= quorum and not rejecting)


@given(ballots=BALLOTS, excluded=EXCLUDED, repeated=st.integers(1, 4))
def test_the_same_ballot_again_changes_nothing(
    ballots: list[Ballot], excluded: set[UUID], repeated: int
) -> None:
    once = reached(quorum=2, excluded=excluded, digest=DIGESTS[0], ballots=ballots)

    assert reached(quorum=2, excluded=excluded, digest=DIGESTS[0], ballots=ballots * repeated) is once


@given(ballots=BALLOTS)
def test_with_everybody_excluded_nothing_is_ever_approved(ballots: list[Ballot]) -> None:
    assert not reached(quorum=1, excluded=PEOPLE, digest=DIGESTS[0], ballots=ballots)


def test_the_submitter_and_every_author_are_excluded_with_their_reason() -> None:
    author, submitter = uuid4(), uuid4()

    asked = demand(protected=True, submitter=submitter, authors={author: "reply v2"})
    assert asked.quorum == 1
    assert asked.excluded == {author: "wrote reply v2", submitter: "submitted it"}


def test_who_wrote_and_submitted_reads_both() -> None:
    person = uuid4()

    asked = demand(protected=True, submitter=person, authors={person: "reply v2"})
    assert asked.excluded == {person: "submitted it and wrote reply v2"}


def test_an_unprotected_environment_asks_nobody() -> None:
    assert demand(protected=False, submitter=uuid4(), authors={}).quorum == 0


@given(starters=st.sets(st.sampled_from(PEOPLE)), person=st.sampled_from(PEOPLE), protected=st.booleans())
def test_nobody_approves_what_their_own_run_asks_where_it_matters(
    starters: set[UUID], person: UUID, *, protected: bool
) -> None:
    found = barred_from_own(protected=protected, starters=starters, person=person)
    assert found is (protected and person in starters)
