"""GET and POST /approvals/<id>/, POST /approvals/<id>/withdraw/"""

from typing import Any

import pytest
from django.urls import reverse

from governance.access.permissions import Role
from governance.access.services import grant_role
from governance.approvals.models import ApprovalRequest, Vote
from governance.ledger.models import Event
from governance.releases.models import Release
from tests.factories.cast import Company
from tests.factories.things import approve, make_active, make_model, make_prompt, make_release, make_workflow
from tests.visiting import Browsing, visitor


def address_of(release: Release) -> str:
    return reverse("governance:approval", args=[release.request_id])


def decision(release: Release, **changed: str) -> dict[str, str]:
    return {"decision": "approve", "reason": "Read it all.", "digest": release.digest, **changed}


def state_of(release: Release) -> str:
    return ApprovalRequest.objects.get(pk=release.request_id).state


def test_an_approver_decides_and_the_page_prints_who_when_and_what_it_means(
    northwind: Company, browsing: Browsing
) -> None:
    release = make_release(northwind)
    client = browsing(northwind.approver)
    answer = client.post(address_of(release), decision(release), follow=True)
    page = answer.content.decode()
    assert state_of(release) == "approved"
    assert "<strong>Aron Approver</strong> approved as approver" in page
    told = Event.objects.get(kind="approval.voted", object_id=release.request_id)
    entry = client.get(reverse("governance:event", args=[told.pk])).context["entry"]
    assert ("role", "approver") in entry.facts
    shown = client.get(reverse("governance:release", args=[release.pk])).content.decode()
    assert "<strong>Aron Approver</strong> approved as approver" in shown
    assert "I have reviewed this release and approve it" in page
    assert "Read it all." in page
    assert " UTC</time>" in page
    assert release.digest in page


def test_a_decision_leads_to_its_outcome_and_to_who_can_go_on(northwind: Company, browsing: Browsing) -> None:
    release = make_release(northwind)
    client = browsing(northwind.approver)
    answer = client.post(address_of(release), decision(release))
    assert answer.headers["Location"] == f"{address_of(release)}#decision"
    activate = reverse("governance:release-activate", args=[release.pk])
    box = client.get(address_of(release)).content.decode().partition('id="decision"')[2]
    assert 'role="status"' in box
    assert "Recorded: Aron Approver approved" in box
    assert activate in box
    told = browsing(northwind.auditor).get(address_of(release)).content.decode()
    assert "It waits to be put into effect in Production. Who can do that: " in told
    assert "Otto Operator" in told
    assert activate not in told


def test_who_can_put_it_into_effect_is_told_before_the_decision(
    northwind: Company, browsing: Browsing
) -> None:
    page = browsing(northwind.approver).get(address_of(make_release(northwind))).content.decode()
    assert "Once approved, it still has to be put into effect in Production." in page
    assert "Otto Operator" in page.partition("Who can do that: ")[2].partition("<")[0]


def test_the_decision_is_a_step_from_the_top_for_who_uses_the_keyboard(
    northwind: Company, browsing: Browsing
) -> None:
    page = browsing(northwind.approver).get(address_of(make_release(northwind))).content.decode()
    assert page.index('href="#decision"') < page.index('aria-label="Main"')


def test_looking_never_decides(northwind: Company, browsing: Browsing) -> None:
    release = make_release(northwind)
    client = browsing(northwind.approver)
    assert client.get(address_of(release), decision(release)).status_code == 200
    assert client.head(address_of(release)).status_code == 200
    assert client.put(address_of(release)).status_code == 405
    assert state_of(release) == "open"


def test_a_decision_without_the_forms_own_token_is_refused(northwind: Company) -> None:
    release = make_release(northwind)
    client = visitor(northwind.approver, enforce_csrf_checks=True)
    assert client.post(address_of(release), decision(release)).status_code == 403
    assert state_of(release) == "open"


def test_the_page_shows_what_changes_against_what_is_in_effect(
    northwind: Company, browsing: Browsing
) -> None:
    prompt, model = make_prompt(northwind, text="Promise a refund."), make_model(northwind)
    first = make_workflow(northwind, prompt=prompt, model=model)
    make_active(northwind, version=first)
    newer = make_prompt(northwind, asset=prompt.asset, text="Promise nothing.")
    second = make_workflow(northwind, prompt=newer, model=model, asset=first.asset)
    release = make_release(northwind, version=second)
    page = browsing(northwind.approver).get(address_of(release))
    found = page.context["changes"]
    assert [(change.old, change.new) for change in found.changed] == [(prompt, newer), (first, second)]
    assert found.same == [model]
    assert "<ins>nothing</ins>" in page.content.decode()


def test_the_first_release_to_an_environment_has_nothing_to_compare_with(
    northwind: Company, browsing: Browsing
) -> None:
    release = make_release(northwind)
    page = browsing(northwind.approver).get(address_of(release))
    assert page.context["earlier"] is None
    assert all(change.old is None for change in page.context["changes"].changed)
    assert "everything is new" in page.content.decode()


def test_a_decided_request_still_shows_what_it_changed_then(northwind: Company, browsing: Browsing) -> None:
    first, _ = make_active(northwind)
    newer = make_workflow(northwind, asset=first.workflow)
    second, _ = make_active(northwind, version=newer)
    page = browsing(northwind.auditor).get(address_of(second))
    assert page.context["earlier"] == first


def test_the_author_cannot_decide_sees_why_and_the_attempt_is_recorded(
    northwind: Company, browsing: Browsing
) -> None:
    release = make_release(northwind)
    grant_role(
        northwind.project, actor=northwind.owner, role=Role.APPROVER, to=northwind.author, reason="a test"
    )
    client = browsing(northwind.author)
    page = client.get(address_of(release)).content.decode()
    assert "you submitted it and wrote" in page
    assert 'name="decision"' not in page
    assert client.post(address_of(release), decision(release)).status_code == 403
    assert state_of(release) == "open"
    assert Event.objects.filter(kind="approval.refused", actor=northwind.author.pk).count() == 1


def test_who_is_no_approver_gets_403_and_a_stranger_404(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    release = make_release(northwind)
    assert browsing(northwind.operator).post(address_of(release), decision(release)).status_code == 403
    assert browsing(rival.approver).post(address_of(release), decision(release)).status_code == 404
    assert browsing(rival.approver).get(address_of(release)).status_code == 404
    assert state_of(release) == "open"


def test_a_stale_digest_decides_nothing_and_shows_what_is_different(
    northwind: Company, browsing: Browsing
) -> None:
    prompt = make_prompt(northwind)
    first = make_workflow(northwind, prompt=prompt)
    seen = make_release(northwind, version=first)
    newer = make_prompt(northwind, asset=prompt.asset, text="Anew.")
    release = make_release(northwind, version=make_workflow(northwind, prompt=newer, asset=first.asset))
    answer = browsing(northwind.approver).post(address_of(release), decision(release, digest=seen.digest))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Nothing was decided" in page
    assert f"{prompt.asset.slug} went v1 → v2" in page
    assert not Vote.objects.filter(request=release.request_id).exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"decision": ""},
        {"decision": "maybe"},
        {"reason": ""},
        {"reason": "  "},
        {"decision": "reject", "reason": ""},
        {"decision": "reject", "reason": "  "},
        {"reason": "x" * 2001},
        {"reason": "nul \x00"},
        {"digest": ""},
    ],
)
def test_a_decision_that_says_too_little_or_too_much_is_refused_and_kept(
    northwind: Company, browsing: Browsing, changed: dict[str, Any]
) -> None:
    release = make_release(northwind)
    answer = browsing(northwind.approver).post(address_of(release), decision(release, **changed))
    assert answer.status_code == 400
    assert answer.context["form"].errors
    assert state_of(release) == "open"


def test_a_rejection_with_a_reason_closes_the_request(northwind: Company, browsing: Browsing) -> None:
    release = make_release(northwind)
    given = decision(release, decision="reject", reason="No retention period.")
    page = browsing(northwind.approver).post(address_of(release), given, follow=True).content.decode()
    assert state_of(release) == "rejected"
    assert "No retention period." in page


def test_a_second_decision_comes_at_the_wrong_moment(northwind: Company, browsing: Browsing) -> None:
    release = make_release(northwind)
    approve(release, by=northwind.approver)
    assert browsing(northwind.second_approver).post(address_of(release), decision(release)).status_code == 409
    assert Vote.objects.filter(request=release.request_id).count() == 1


def test_the_page_says_when_nobody_is_left_to_decide(northwind: Company, browsing: Browsing) -> None:
    for person in (northwind.approver, northwind.second_approver):
        grant_role(northwind.project, actor=northwind.owner, role=Role.AUTHOR, to=person, reason="a test")
    prompt = make_prompt(northwind, by=northwind.approver)
    model = make_model(northwind, by=northwind.second_approver)
    release = make_release(northwind, version=make_workflow(northwind, prompt=prompt, model=model))
    page = browsing(northwind.auditor).get(address_of(release))
    assert page.context["nobody_left"]
    assert "Nobody is eligible" in page.content.decode()
    standings = {person.name: why for person, why in page.context["people"]}
    assert standings["Aron Approver"] == f"wrote {prompt}"


def test_the_submitter_withdraws_and_nobody_else_can(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    release = make_release(northwind)
    address = reverse("governance:approval-withdraw", args=[release.request_id])
    assert browsing(northwind.approver).post(address).status_code == 403
    assert browsing(rival.author).post(address).status_code == 404
    assert browsing(northwind.author).get(address).status_code == 405
    assert state_of(release) == "open"
    browsing(northwind.author).post(address)
    assert state_of(release) == "withdrawn"
    assert browsing(northwind.author).post(address).status_code == 409


def test_markup_in_a_reason_is_shown_as_text(northwind: Company, browsing: Browsing) -> None:
    release = make_release(northwind)
    given = decision(release, reason="<script>alert(1)</script>")
    page = browsing(northwind.approver).post(address_of(release), given, follow=True).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
