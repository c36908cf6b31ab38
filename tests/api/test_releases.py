"""GET and POST /releases/, GET /releases/{id}/, POST activate and roll-back"""

from uuid import uuid4

import pytest

from governance.catalog.models import Version
from governance.releases.models import Activation, Release
from tests.api.callers import Caller, by_token, fields_of, problem_of
from tests.factories.cast import Company
from tests.factories.things import make_active, make_approved, make_prompt, make_release, make_workflow


def test_an_author_submits_a_release_that_waits_for_its_approval(northwind: Company, author: Caller) -> None:
    version = make_workflow(northwind)
    made = author.post(
        "releases/", {"version": str(version.pk), "environment": "production", "notes": "First"}
    )
    assert made.status_code == 201
    found = author.get(made.headers["Location"]).json()
    assert (found["state"], found["in_effect"], found["notes"]) == ("open", False, "First")
    assert found["closure"]["workflow"]["sha256"] == version.digest
    assert found["votes"] == found["activations"] == []


def test_a_version_out_of_reach_cannot_be_submitted(rival: Company, author: Caller) -> None:
    for pk in (make_workflow(rival).pk, uuid4()):
        wanted = {"version": str(pk), "environment": "production"}
        assert fields_of(author.post("releases/", wanted)) == {"version"}
    assert not Release.objects.exists()


def test_an_environment_out_of_reach_cannot_be_named(
    northwind: Company, rival: Company, author: Caller
) -> None:
    version = make_workflow(northwind)
    for place in (str(rival.production.pk), "nowhere", str(uuid4())):
        assert fields_of(author.post("releases/", {"version": str(version.pk), "environment": place})) == {
            "environment"
        }


def test_a_prompt_cannot_be_released_by_itself(northwind: Company, author: Caller) -> None:
    problem_of(
        author.post("releases/", {"version": str(make_prompt(northwind).pk), "environment": "staging"}), 400
    )


@pytest.mark.parametrize("field", ["state", "approved_by", "digest", "closure", "submitted_by", "request"])
def test_nobody_approves_by_a_field(northwind: Company, author: Caller, field: str) -> None:
    wanted = {"version": str(make_workflow(northwind).pk), "environment": "production", field: "approved"}
    assert fields_of(author.post("releases/", wanted)) == {field}


def test_a_release_that_is_not_approved_is_not_put_into_effect(northwind: Company, operator: Caller) -> None:
    problem_of(operator.post(f"releases/{make_release(northwind).pk}/activate/", {"reason": "Now"}), 409)
    assert not Activation.objects.exists()


def test_an_approved_release_is_put_into_effect_and_replaced_and_returned_to(
    northwind: Company, operator: Caller
) -> None:
    first = make_approved(northwind)
    made = operator.post(f"releases/{first.pk}/activate/", {"reason": "Agreed"})
    assert made.status_code == 201
    assert (made.json()["kind"], made.json()["actor"]) == ("activation", "Otto Operator")
    newer = Version.objects.get(pk=make_workflow(northwind, asset=first.workflow).pk)
    second = make_approved(northwind, version=newer)
    operator.post(f"releases/{second.pk}/activate/", {"reason": "Newer"})
    assert [operator.get(f"releases/{pk}/").json()["in_effect"] for pk in (first.pk, second.pk)] == [
        False,
        True,
    ]
    back = operator.post(f"releases/{first.pk}/roll-back/", {"reason": "Too terse"})
    assert (back.json()["kind"], back.json()["sequence"]) == ("rollback", 3)
    found = operator.get(f"releases/{first.pk}/").json()
    assert found["in_effect"] is True
    assert len(found["activations"]) == 2
    assert [vote["person"] for vote in found["votes"]] == ["Aron Approver"]


def test_a_rollback_needs_a_reason_and_a_past(northwind: Company, operator: Caller) -> None:
    release = make_approved(northwind)
    assert fields_of(operator.post(f"releases/{release.pk}/roll-back/", {})) == {"reason"}
    problem_of(operator.post(f"releases/{release.pk}/roll-back/", {"reason": "Because"}), 409)


def test_an_author_puts_nothing_into_effect(northwind: Company, author: Caller) -> None:
    refused = author.post(f"releases/{make_approved(northwind).pk}/activate/", {"reason": "Now"})
    assert problem_of(refused, 403)["missing"] == "activate_release"


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}], ids=["none", "empty", "blank"])
def test_nothing_is_put_into_effect_without_a_reason(
    northwind: Company, operator: Caller, body: dict[str, str]
) -> None:
    release = make_approved(northwind)
    assert fields_of(operator.post(f"releases/{release.pk}/activate/", body)) == {"reason"}
    assert not Activation.objects.exists()


def test_releases_are_listed_by_place_and_state(northwind: Company, rival: Company, auditor: Caller) -> None:
    waiting = make_release(northwind)
    active, _ = make_active(northwind, environment=northwind.staging)
    make_release(rival)
    assert len(auditor.get("releases/").json()["results"]) == 2
    for query in ({"state": "open"}, {"environment": "production"}, {"workflow": waiting.workflow.slug}):
        [found] = auditor.get("releases/", **query).json()["results"]
        assert found["id"] == str(waiting.pk)
    [found] = auditor.get("releases/", project="complaints", environment=str(northwind.staging.pk)).json()[
        "results"
    ]
    assert (found["id"], found["in_effect"]) == (str(active.pk), True)
    assert "closure" not in found


def test_releases_of_others_are_not_there(rival: Company, operator: Caller) -> None:
    theirs = make_approved(rival)
    problem_of(operator.get(f"releases/{theirs.pk}/"), 404)
    problem_of(operator.post(f"releases/{theirs.pk}/activate/", {"reason": "x"}), 404)
    problem_of(operator.post(f"releases/{theirs.pk}/roll-back/", {"reason": "x"}), 404)


def test_an_approver_may_not_submit(northwind: Company) -> None:
    caller = by_token(northwind.approver, northwind)
    wanted = {"version": str(make_workflow(northwind).pk), "environment": "production"}
    assert problem_of(caller.post("releases/", wanted), 403)["missing"] == "submit_release"
