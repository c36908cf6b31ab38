"""GET /approvals/ and /approvals/{id}/; a decision is made at the browser alone"""

import pytest

from governance.approvals.models import ApprovalRequest, Vote
from tests.api.callers import Caller, by_session, by_token, problem_of
from tests.factories.cast import Company
from tests.factories.things import make_approved, make_release

DECISION = {"decision": "approve", "reason": "Fine", "digest": "0" * 64}


def test_a_request_says_what_it_needs_and_what_stands_in_ones_way(northwind: Company, author: Caller) -> None:
    release = make_release(northwind)
    found = author.get(f"approvals/{release.request_id}/").json()
    assert (found["release"], found["needed"], found["state"]) == (str(release.pk), 1, "open")
    assert {excluded["person"] for excluded in found["excluded"]} == {"Anna Author"}
    assert found["obstacle"]


def test_a_decided_request_shows_who_decided_and_with_what_meaning(
    northwind: Company, auditor: Caller
) -> None:
    release = make_approved(northwind)
    [vote] = auditor.get(f"approvals/{release.request_id}/").json()["votes"]
    assert (vote["person"], vote["decision"], vote["digest"]) == ("Aron Approver", "approve", release.digest)
    assert vote["meaning"]


def test_an_approver_lists_what_waits_for_them(northwind: Company, author: Caller) -> None:
    waiting = make_release(northwind)
    make_approved(northwind)
    approver = by_token(northwind.approver, northwind)
    [found] = approver.get("approvals/", waiting_for_me="true").json()["results"]
    assert found["id"] == str(waiting.request_id)
    assert author.get("approvals/", waiting_for_me="true").json()["results"] == []
    assert len(approver.get("approvals/", project="complaints").json()["results"]) == 2
    [decided] = approver.get("approvals/", state="approved").json()["results"]
    assert decided["decided_at"]


@pytest.mark.parametrize("way", ["token", "session"])
def test_nobody_decides_through_the_api(northwind: Company, way: str) -> None:
    release = make_release(northwind)
    make = {
        "token": lambda: by_token(northwind.approver, northwind),
        "session": lambda: by_session(northwind.approver),
    }
    refused = problem_of(make[way]().post(f"approvals/{release.request_id}/", DECISION), 405)
    assert "signed by a person" in refused["detail"]
    assert ApprovalRequest.objects.get(pk=release.request_id).state == "open"
    assert not Vote.objects.exists()


def test_requests_of_others_are_not_there(rival: Company, auditor: Caller) -> None:
    release = make_release(rival)
    problem_of(auditor.get(f"approvals/{release.request_id}/"), 404)
    assert auditor.get("approvals/").json()["results"] == []
