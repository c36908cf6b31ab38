"""Cases 15 to 28: getting something approved that should not be. More of each stands in `tests/approvals`."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.test import Client

from governance.access.permissions import Role, Scope
from governance.access.services import grant_role, revoke_role
from governance.access.tokens import create_token
from governance.approvals.models import ApprovalRequest
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.releases.models import Release
from tests.factories.cast import Company
from tests.factories.things import make_active, make_release
from tests.harness.fresh import FreshDatabase
from tests.visiting import visitor


def decide(client: Client, request: ApprovalRequest, **changed: str) -> Any:
    """Send the review page's form."""
    form = {"decision": "approve", "reason": "Looks right.", "digest": request.digest, **changed}
    return client.post(f"/approvals/{request.pk}/", form)


def open_still(request: ApprovalRequest) -> bool:
    request.refresh_from_db()
    return request.state == ApprovalRequest.State.OPEN and not request.votes.exists()


def test_15_an_author_who_was_made_an_approver_cannot_approve_their_own_release(northwind: Company) -> None:
    """15 and 16: on the page, through the API and in the service; authorship decides, and it is recorded."""
    request = make_release(northwind).request
    grant_role(
        northwind.project, actor=northwind.owner, role=Role.APPROVER, to=northwind.author, reason="by herself"
    )
    client = visitor(northwind.author)

    page = client.get(f"/approvals/{request.pk}/").content.decode()
    answer = decide(client, request)

    assert "You cannot decide this" in page
    assert answer.status_code == 403
    assert open_still(request)
    refused = Event.objects.about("approval", request.pk).filter(kind=Kind.APPROVAL_REFUSED)
    assert [event.actor for event in refused] == [northwind.author.pk]


def test_15_the_platform_owner_has_no_way_round_it_either(northwind: Company) -> None:
    request = make_release(northwind).request

    assert decide(visitor(northwind.owner), request).status_code == 403
    assert open_still(request)


def test_17_with_nobody_eligible_the_page_says_so_and_nothing_is_approved(northwind: Company) -> None:
    for part in ("approver", "second_approver"):
        revoke_role(northwind.person(part).grants.get(), actor=northwind.owner, reason="left")
    release = make_release(northwind)

    page = visitor(northwind.author).get(f"/approvals/{release.request.pk}/").content.decode()
    activated = visitor(northwind.operator).post(f"/releases/{release.pk}/activate/", {"reason": ""})

    assert "nobody" in page.lower()
    assert activated.status_code == 409
    assert open_still(release.request)


def test_18_the_same_person_signs_once(northwind: Company) -> None:
    request = make_release(northwind).request
    client = visitor(northwind.approver)
    assert decide(client, request).status_code == 302

    assert decide(client, request).status_code == 409
    assert request.votes.count() == 1


def test_20_a_page_that_shows_something_else_decides_nothing(northwind: Company) -> None:
    request = make_release(northwind).request
    older = make_release(northwind)

    answer = decide(visitor(northwind.approver), request, digest=older.digest)

    assert answer.status_code == 409
    assert open_still(request)


@pytest.mark.parametrize("digest", ["", "0" * 64, "nonsense", "\x00", "é" * 64])
def test_20_a_decision_without_the_right_digest_is_none(digest: str, northwind: Company) -> None:
    request = make_release(northwind).request

    assert decide(visitor(northwind.approver), request, digest=digest).status_code in (400, 409)
    assert open_still(request)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"decision": word} for word in ("", "approved", "APPROVE")),
        *({"decision": word, "reason": ""} for word in ("approve", "reject")),
    ],
    ids=str,
)
def test_a_decision_is_one_of_two_and_says_why(wrong: dict[str, str], northwind: Company) -> None:
    request = make_release(northwind).request

    assert decide(visitor(northwind.approver), request, **wrong).status_code == 400
    assert open_still(request)


def test_24_a_token_does_not_sign_on_any_road(northwind: Company) -> None:
    request = make_release(northwind).request
    approver = northwind.approver
    _, secret = create_token(
        approver,
        actor=approver,
        organisation=northwind.organisation,
        name="robot",
        scopes=list(Scope),
        life=timedelta(hours=1),
    )
    bearer = {"Authorization": f"Bearer {secret}"}

    page = visitor().post(f"/approvals/{request.pk}/", {"decision": "approve"}, headers=bearer)
    api = visitor().post(
        f"/api/v1/approvals/{request.pk}/", {}, content_type="application/json", headers=bearer
    )

    assert page.headers["Location"].startswith("/account/login/")
    assert api.status_code == 405
    assert open_still(request)


def test_27_a_release_and_its_votes_change_by_no_road(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    """Bulk update and SQL, as the application and as the owner of the tables."""
    release, _ = make_active(northwind)
    with pytest.raises(Exception, match="permission denied"):
        Release.objects.filter(pk=release.pk).update(notes="changed")
    with pytest.raises(Exception, match="permission denied"):
        Release.objects.filter(pk=release.pk)._raw_delete("default")
    for statement in (
        "UPDATE releases_release SET digest = repeat('0', 64)",
        "DELETE FROM releases_activation",
        "UPDATE approvals_vote SET decision = 'reject'",
        "DELETE FROM approvals_exclusion",
        "UPDATE approvals_request SET state = 'open'",
    ):
        for role in ("default", "owner"):
            with fresh_database.connect(role) as somebody, pytest.raises(psycopg.Error):
                somebody.execute(statement)


@pytest.mark.parametrize("method", ["get", "head", "options", "put", "patch", "delete"])
def test_28_no_link_approves(method: str, northwind: Company) -> None:
    request = make_release(northwind).request
    client = visitor(northwind.approver)
    query = f"?decision=approve&digest={request.digest}"

    getattr(client, method)(f"/approvals/{request.pk}/{query}")

    assert open_still(request)


def test_28_an_action_by_get_is_refused(northwind: Company) -> None:
    request = make_release(northwind).request

    assert visitor(northwind.author).get(f"/approvals/{request.pk}/withdraw/").status_code == 405
    assert open_still(request)


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_28_a_form_of_another_site_signs_nothing(origin: str, northwind: Company) -> None:
    request = make_release(northwind).request
    client = visitor(northwind.approver, enforce_csrf_checks=True)
    assert decide(client, request).status_code == 403

    client.get(f"/approvals/{request.pk}/")
    token = client.cookies["csrftoken"].value
    form = {
        "decision": "approve",
        "reason": "Looks right.",
        "digest": request.digest,
        "csrfmiddlewaretoken": token,
    }
    crossed = client.post(f"/approvals/{request.pk}/", form, headers={"Origin": origin})
    assert crossed.status_code == 403
    assert open_still(request)

    assert client.post(f"/approvals/{request.pk}/", form).status_code == 302
