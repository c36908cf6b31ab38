"""Deciding a request: who may, on what, and once."""

from datetime import timedelta

import pytest

from governance.access.models import Refusal
from governance.access.permissions import Role, Scope
from governance.access.services import grant_role, revoke_role
from governance.access.tokens import create_token
from governance.approvals.eligibility import given, has_quorum, needed, obstacle, standings
from governance.approvals.models import ApprovalRequest, Vote
from governance.approvals.services import SeparationOfDuties, Stale, vote, withdraw
from governance.errors import Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.acting import acting
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from tests.factories.cast import Company
from tests.factories.things import approve, make_prompt, make_release, make_workflow
from tests.harness.fresh import FreshDatabase
from tests.visiting import visitor

APPROVE, REJECT = Vote.Decision.APPROVE, Vote.Decision.REJECT


def events(request: ApprovalRequest) -> list[str]:
    return list(Event.objects.about("approval", request.pk).values_list("kind", flat=True))


def test_one_approval_of_somebody_else_approves(northwind: Company) -> None:
    release = make_release(northwind)

    given = approve(release, by=northwind.approver, reason=" Looks right. ")

    release.request.refresh_from_db()
    assert release.request.state == ApprovalRequest.State.APPROVED
    assert release.request.decided_at is not None
    assert (given.person_name, given.reason) == ("Aron Approver", "Looks right.")
    assert given.meaning == "I have reviewed this release and approve it"
    assert given.digest == release.digest
    assert events(release.request) == [Kind.APPROVAL_REQUESTED, Kind.APPROVAL_VOTED]


@pytest.mark.parametrize("decision", [APPROVE, REJECT])
def test_nothing_is_decided_without_a_reason(decision: Vote.Decision, northwind: Company) -> None:
    request = make_release(northwind).request
    with pytest.raises(Invalid, match=f"Say why you {decision} it"):
        vote(request, actor=northwind.approver, decision=decision, reason=" ", digest=request.digest)
    assert not request.votes.exists()


def test_a_rejection_settles_it(northwind: Company) -> None:
    request = make_release(northwind).request
    vote(request, actor=northwind.approver, decision=REJECT, reason="Too terse.", digest=request.digest)

    request.refresh_from_db()
    assert request.state == ApprovalRequest.State.REJECTED
    with pytest.raises(WrongState, match="rejected"):
        vote(request, actor=northwind.second_approver, decision=APPROVE, reason="", digest=request.digest)


@pytest.mark.parametrize("part", ["author", "operator", "auditor", "owner"])
def test_who_is_no_approver_is_refused_and_the_attempt_recorded(part: str, northwind: Company) -> None:
    request = make_release(northwind).request
    person = northwind.person(part)

    with pytest.raises(NotAllowed, match="Approve or reject a release"):
        vote(request, actor=person, decision=APPROVE, reason="", digest=request.digest)

    refusal = Event.objects.about("approval", request.pk).get(kind=Kind.APPROVAL_REFUSED)
    assert refusal.actor == person.pk
    assert not request.votes.exists()


@pytest.mark.parametrize("part", ["author", "approver", "owner", "stranger"])
def test_nobody_of_another_organisation_sees_the_request(
    part: str, northwind: Company, rival: Company
) -> None:
    request = make_release(northwind).request
    person = rival.person(part)

    assert not ApprovalRequest.objects.visible_to(person).exists()
    with pytest.raises(NotVisible):
        vote(request, actor=person, decision=APPROVE, reason="", digest=request.digest)
    with pytest.raises(NotVisible):
        withdraw(request, actor=person)
    assert events(request) == [Kind.APPROVAL_REQUESTED]


def test_who_wrote_a_pinned_prompt_cannot_approve_though_an_approver(northwind: Company) -> None:
    """Authorship decides, not the group that somebody was added to afterwards."""
    release = make_release(northwind)
    grant_role(
        northwind.project,
        actor=northwind.owner,
        role=Role.APPROVER,
        to=northwind.author,
        reason="promoted",
    )

    with pytest.raises(SeparationOfDuties, match="submitted it and wrote"):
        approve(release, by=northwind.author)
    refusal = Event.objects.about("approval", release.request.pk).get(kind=Kind.APPROVAL_REFUSED)
    assert refusal.actor == northwind.author.pk
    assert "submitted it" in refusal.details["reason"]


def test_every_author_of_what_is_pinned_is_excluded(northwind: Company) -> None:
    """An approver who also writes is barred from what they wrote a part of, and from nothing else."""
    grant_role(
        northwind.project, actor=northwind.owner, role=Role.AUTHOR, to=northwind.approver, reason="helps out"
    )
    theirs = make_prompt(northwind, by=northwind.approver)
    release = make_release(northwind, version=make_workflow(northwind, prompt=theirs))
    other = make_release(northwind)

    with pytest.raises(SeparationOfDuties, match=f"you wrote {theirs}"):
        approve(release, by=northwind.approver)
    approve(release, by=northwind.second_approver)
    approve(other, by=northwind.approver)


def test_an_earlier_author_of_the_same_prompt_is_not_barred_by_its_later_version(northwind: Company) -> None:
    grant_role(
        northwind.project, actor=northwind.owner, role=Role.AUTHOR, to=northwind.approver, reason="helps out"
    )
    first = make_prompt(northwind, by=northwind.approver, text="First.")
    second = make_prompt(northwind, asset=first.asset, text="Second.")
    release = make_release(northwind, version=make_workflow(northwind, prompt=second))

    approve(release, by=northwind.approver)

    release.request.refresh_from_db()
    assert release.request.state == ApprovalRequest.State.APPROVED


def test_with_nobody_eligible_the_request_waits_for_ever(northwind: Company) -> None:
    for part in ("approver", "second_approver"):
        revoke_role(northwind.person(part).grants.get(), actor=northwind.owner, reason="left")
    request = make_release(northwind).request

    assert [person for person, reason in standings(request) if not reason] == []
    assert needed(request) == 1
    request.refresh_from_db()
    assert request.state == ApprovalRequest.State.OPEN


def test_a_vote_is_bound_to_what_was_seen(northwind: Company) -> None:
    request = make_release(northwind).request

    with pytest.raises(Stale, match="Read the request again"):
        vote(request, actor=northwind.approver, decision=APPROVE, reason="", digest="0" * 64)
    assert not request.votes.exists()


def test_nobody_decides_twice(northwind: Company) -> None:
    request = make_release(northwind).request
    approve(request.release, by=northwind.approver)

    with pytest.raises(WrongState):
        approve(request.release, by=northwind.approver)
    assert request.votes.count() == 1


def test_a_token_does_not_sign(northwind: Company) -> None:
    release = make_release(northwind)
    approver = northwind.approver
    approver.token, _ = create_token(
        approver,
        actor=approver,
        organisation=northwind.organisation,
        name="robot",
        scopes=list(Scope),
        life=timedelta(hours=1),
    )

    with pytest.raises(NotAllowed, match="signed by a person at the browser"):
        approve(release, by=approver)
    assert Event.objects.about("approval", release.request.pk).filter(kind=Kind.APPROVAL_REFUSED).exists()
    assert not release.request.votes.exists()


@pytest.mark.parametrize("reason", ["x" * 2001, "nul \x00", "half \ud83d"])
def test_a_reason_that_cannot_be_stored_is_refused_in_words(reason: str, northwind: Company) -> None:
    with pytest.raises(Invalid) as refused:
        approve(make_release(northwind), by=northwind.approver, reason=reason)
    assert "reason" in refused.value.fields


def test_the_submitter_alone_takes_the_question_back(northwind: Company) -> None:
    request = make_release(northwind).request
    with pytest.raises(NotAllowed, match="Only whoever submitted"):
        withdraw(request, actor=northwind.approver)

    withdraw(request, actor=northwind.author)

    with pytest.raises(WrongState, match="withdrawn"):
        approve(request.release, by=northwind.approver)
    with pytest.raises(WrongState, match="withdrawn"):
        withdraw(request, actor=northwind.author)
    assert events(request) == [Kind.APPROVAL_REQUESTED, Kind.APPROVAL_WITHDRAWN]


def test_the_inbox_shows_what_one_may_decide_and_nothing_else(northwind: Company, rival: Company) -> None:
    first, second = make_release(northwind).request, make_release(northwind).request
    make_release(rival)
    approve(first.release, by=northwind.approver)

    waiting = ApprovalRequest.objects.waiting_for
    assert list(waiting(northwind.approver)) == [second]
    assert list(waiting(northwind.author)) == []
    assert list(waiting(northwind.auditor)) == []
    withdraw(second, actor=northwind.author)
    assert list(waiting(northwind.approver)) == []


def test_page_and_service_give_the_same_answer(northwind: Company) -> None:
    """Whoever has no obstacle succeeds; whoever has one is refused."""
    for part in ("author", "approver", "operator", "auditor", "owner", "stranger", "disabled"):
        request = make_release(northwind).request
        person = northwind.person(part)
        free = obstacle(request, person) == ""
        try:
            approve(request.release, by=person)
        except (NotAllowed, NotVisible):
            assert not free, part
        else:
            assert free, part


def test_the_inbox_holds_exactly_what_one_meets_no_obstacle_in(northwind: Company) -> None:
    """One rule in two forms: for a row, and for a query. They agree on everybody, whatever the state."""
    for part, role in (("author", Role.APPROVER), ("second_approver", Role.AUTHOR)):
        person = northwind.person(part)
        grant_role(northwind.project, actor=northwind.owner, role=role, to=person, reason="both")
    theirs = make_workflow(northwind, prompt=make_prompt(northwind, by=northwind.second_approver))
    waiting, rejected, withdrawn = (make_release(northwind).request for _ in range(3))
    approved = make_release(northwind, version=theirs).request
    make_release(northwind, version=theirs, environment=northwind.staging)
    make_release(northwind, environment=northwind.development)
    approve(approved.release, by=northwind.approver)
    vote(rejected, actor=northwind.approver, decision=REJECT, reason="No.", digest=rejected.digest)
    withdraw(withdrawn, actor=northwind.author)

    found = set()
    for part in ("author", "approver", "second_approver", "operator", "auditor", "owner", "stranger"):
        person = northwind.person(part)
        free = {request for request in ApprovalRequest.objects.all() if not obstacle(request, person)}
        assert set(ApprovalRequest.objects.waiting_for(person)) == free, part
        found |= free
    assert waiting in found


def test_an_excluded_vote_is_counted_nowhere(fresh_database: FreshDatabase, northwind: Company) -> None:
    """Should one ever stand in the table, whoever counts leaves it out."""
    request = make_release(northwind).request
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE approvals_vote DISABLE TRIGGER guard_vote")
    with acting(northwind.author):
        Vote.objects.create(
            request=request,
            person=northwind.author,
            person_name="Anna Author",
            decision=APPROVE,
            meaning="mine",
            digest=request.digest,
        )

    assert (given(request), needed(request), has_quorum(request)) == (0, 1, False)


def test_the_obstacles_are_told_in_plain_words(northwind: Company) -> None:
    request = make_release(northwind).request
    assert obstacle(request, northwind.auditor) == "You are not an approver of this project."
    assert obstacle(request, northwind.approver) == ""

    approve(request.release, by=northwind.approver)
    request.refresh_from_db()
    assert obstacle(request, northwind.second_approver).startswith("This request is approved")


def test_of_refused_votes_of_one_person_the_first_of_its_kind_is_an_event(northwind: Company) -> None:
    request = make_release(northwind).request
    for _ in range(4):
        for person in (northwind.author, northwind.operator):
            with pytest.raises(NotAllowed):
                vote(request, actor=person, decision=APPROVE, reason="x", digest=request.digest)

    assert events(request) == [Kind.APPROVAL_REQUESTED, Kind.APPROVAL_REFUSED, Kind.APPROVAL_REFUSED]
    assert [(row.why, row.count) for row in Refusal.objects.all()] == [("approve_release", 4)] * 2
    page = visitor(northwind.approver).get(f"/approvals/{request.pk}/").content.decode()
    assert f"{northwind.author.name}, 4 times" in page
