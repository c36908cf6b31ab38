"""Two people at the same moment, each on a connection of their own."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from governance.access.people import disable_person
from governance.access.services import revoke_role
from governance.approvals.models import ApprovalRequest, Vote
from governance.approvals.services import withdraw
from governance.errors import NotAllowed, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.ledger.text import storable
from tests.factories.cast import Company
from tests.factories.things import approve, make_release
from tests.harness.fresh import FreshDatabase

ROUNDS = 5


def test_of_two_approvals_at_once_one_decides_and_the_other_learns_that(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    first, second = northwind.approver, northwind.second_approver
    for _ in range(ROUNDS):
        release = make_release(northwind)

        answers = fresh_database.at_once(
            lambda: approve(release, by=first),  # noqa: B023 - called before the next round
            lambda: approve(release, by=second),  # noqa: B023
        )

        assert sorted(type(answer).__name__ for answer in answers) == ["Vote", "WrongState"]
        assert release.request.votes.count() == 1
        voted = Event.objects.about("approval", release.request.pk).filter(kind=Kind.APPROVAL_VOTED)
        assert voted.count() == 1


def test_with_two_needed_both_are_kept_and_the_state_changes_once(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    first, second = northwind.approver, northwind.second_approver
    release = make_release(northwind)
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE approvals_request DISABLE TRIGGER guard_request")
        owner.execute("UPDATE approvals_request SET quorum = 2")
        owner.execute("ALTER TABLE approvals_request ENABLE ALWAYS TRIGGER guard_request")

    answers = fresh_database.at_once(lambda: approve(release, by=first), lambda: approve(release, by=second))

    assert all(isinstance(answer, Vote) for answer in answers)
    release.request.refresh_from_db()
    assert release.request.state == ApprovalRequest.State.APPROVED


def test_approve_and_withdraw_at_once_one_wins(fresh_database: FreshDatabase, northwind: Company) -> None:
    approver, author = northwind.approver, northwind.author
    for _ in range(ROUNDS):
        release = make_release(northwind)
        request = release.request

        answers = fresh_database.at_once(
            lambda: approve(release, by=approver),  # noqa: B023
            lambda: withdraw(request, actor=author),  # noqa: B023
        )

        request.refresh_from_db()
        lost = [answer for answer in answers if isinstance(answer, WrongState)]
        assert len(lost) == 1
        voted = request.votes.exists()
        assert request.state == ("approved" if voted else "withdrawn")


def test_the_same_person_twice_at_once_counts_once(fresh_database: FreshDatabase, northwind: Company) -> None:
    approver, release = northwind.approver, make_release(northwind)

    answers = fresh_database.at_once(*[lambda: approve(release, by=approver)] * 3)

    assert [isinstance(answer, Vote) for answer in answers].count(True) == 1
    assert release.request.votes.count() == 1


def revoke(northwind: Company) -> None:
    revoke_role(northwind.approver.grants.get(), actor=northwind.owner, reason="left")


def disable(northwind: Company) -> None:
    disable_person(northwind.approver, actor=northwind.owner, organisation=northwind.organisation)


@pytest.mark.parametrize("end", [revoke, disable])
def test_who_loses_the_right_in_the_midst_of_deciding_is_refused_and_the_attempt_recorded(
    end: Callable[[Company], None],
    fresh_database: FreshDatabase,
    northwind: Company,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The service has let them pass; somebody else commits before the vote is written."""
    release, approver = make_release(northwind), northwind.approver

    def meanwhile(text: str, **rules: Any) -> str:
        assert fresh_database.at_once(lambda: end(northwind)) == [None]
        return storable(text, **rules)

    monkeypatch.setattr("governance.approvals.services.storable", meanwhile)
    with pytest.raises(NotAllowed, match="ended while you did"):
        approve(release, by=approver)

    assert not release.request.votes.exists()
    refusal = Event.objects.about("approval", release.request.pk).get(kind=Kind.APPROVAL_REFUSED)
    assert refusal.actor == approver.pk


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE approvals_request SET state = 'approved'",
        "UPDATE approvals_request SET quorum = 0",
        "UPDATE approvals_request SET digest = repeat('0', 64)",
        "DELETE FROM approvals_request",
    ],
)
def test_a_request_cannot_be_decided_or_changed_by_hand(
    statement: str, fresh_database: FreshDatabase, northwind: Company
) -> None:
    """The application may update the table, but neither it nor the owner gets round the votes."""
    make_release(northwind)
    for role in ("default", "owner"):
        refused = (psycopg.errors.IntegrityError, psycopg.errors.InsufficientPrivilege)
        with fresh_database.connect(role) as somebody, pytest.raises(refused):
            somebody.execute(statement)


def test_what_is_decided_stays_decided(fresh_database: FreshDatabase, northwind: Company) -> None:
    approve(make_release(northwind), by=northwind.approver)

    with fresh_database.connect() as application, pytest.raises(psycopg.errors.IntegrityError):
        application.execute("UPDATE approvals_request SET state = 'open'")
