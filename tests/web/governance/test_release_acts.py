"""/versions/<id>/release/, /releases/<id>/activate/ and /releases/<id>/roll-back/"""

from typing import Any

import pytest
from django.urls import reverse

from governance.access.permissions import Role
from governance.access.services import grant_role
from governance.releases.models import Activation, Release
from tests.factories.cast import Company
from tests.factories.things import make_active, make_approved, make_prompt, make_release, make_workflow
from tests.visiting import Browsing


def in_effect() -> list[Release]:
    return [activation.release for activation in Activation.objects.in_effect()]


def test_a_submission_to_production_waits_and_says_so(northwind: Company, browsing: Browsing) -> None:
    version = make_workflow(northwind)
    address = reverse("governance:release-submit", args=[version.pk])
    given = {"environment": northwind.production.pk, "notes": "Less promising."}
    page = browsing(northwind.author).post(address, given, follow=True).content.decode()
    (release,) = Release.objects.all()
    assert (release.version, release.notes, release.request.state) == (version, "Less promising.", "open")
    assert "waits for approval" in page


def test_the_form_tells_beforehand_who_could_approve_and_who_not(
    northwind: Company, browsing: Browsing
) -> None:
    grant_role(
        northwind.project, actor=northwind.owner, role=Role.AUTHOR, to=northwind.approver, reason="a test"
    )
    prompt = make_prompt(northwind, by=northwind.approver)
    version = make_workflow(northwind, prompt=prompt)
    page = browsing(northwind.author).get(reverse("governance:release-submit", args=[version.pk]))
    demanded = page.context["demanded"]
    assert [person.name for person in demanded.eligible] == ["Berta Approver"]
    assert dict(demanded.barred)["Aron Approver"] == f"wrote {prompt}"
    assert dict(demanded.barred)["Anna Author"].startswith("would submit it")


def test_the_form_gives_the_same_reason_as_the_submission_will(
    northwind: Company, browsing: Browsing
) -> None:
    """For somebody who wrote the workflow and what it pins, too, one of both is named."""
    grant_role(
        northwind.project, actor=northwind.owner, role=Role.AUTHOR, to=northwind.approver, reason="a test"
    )
    prompt = make_prompt(northwind, by=northwind.approver)
    version = make_workflow(northwind, prompt=prompt, by=northwind.approver)
    page = browsing(northwind.author).get(reverse("governance:release-submit", args=[version.pk]))
    told = dict(page.context["demanded"].barred)["Aron Approver"]
    release = make_release(northwind, version=version)
    assert told == release.request.exclusions.get(person=northwind.approver).reason


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 400),
        ({"environment": "nowhere"}, 400),
        ({"environment": "production", "notes": "x" * 1001}, 400),
        ({"environment": "production", "notes": "nul \x00"}, 400),
        ({"environment": "rival"}, 400),
    ],
)
def test_what_cannot_be_submitted_is_refused_beside_its_field(
    northwind: Company, rival: Company, browsing: Browsing, given: dict[str, Any], status: int
) -> None:
    version = make_workflow(northwind)
    places = {"production": northwind.production.pk, "rival": rival.production.pk}
    sent = {**given, **({"environment": places.get(given["environment"], "x")} if given else {})}
    answer = browsing(northwind.author).post(reverse("governance:release-submit", args=[version.pk]), sent)
    assert answer.status_code == status
    assert answer.context["form"].errors
    assert not Release.objects.exists()


def test_the_same_content_is_not_submitted_twice(northwind: Company, browsing: Browsing) -> None:
    release = make_release(northwind)
    address = reverse("governance:release-submit", args=[release.version_id])
    answer = browsing(northwind.author).post(address, {"environment": northwind.production.pk, "notes": ""})
    assert answer.status_code == 409
    assert "waits for approval" in answer.content.decode()


def test_only_a_workflow_is_released_and_only_by_who_may(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    prompt, workflow = make_prompt(northwind), make_workflow(northwind)
    assert (
        browsing(northwind.author).get(reverse("governance:release-submit", args=[prompt.pk])).status_code
        == 404
    )
    address = reverse("governance:release-submit", args=[workflow.pk])
    assert browsing(northwind.operator).get(address).status_code == 403
    assert browsing(rival.author).get(address).status_code == 404


def test_an_operator_puts_an_approved_release_into_effect(northwind: Company, browsing: Browsing) -> None:
    release = make_approved(northwind)
    client, address = browsing(northwind.operator), reverse("governance:release-activate", args=[release.pk])
    for reason in ("", "  ", "x" * 1001, "nul \x00"):
        assert client.post(address, {"reason": reason}).status_code == 400
    assert in_effect() == []
    answer = client.post(address, {"reason": "Agreed on Monday."})
    assert answer.headers["Location"] == reverse("governance:release", args=[release.pk])
    assert in_effect() == [release]
    assert Activation.objects.latest("sequence").reason == "Agreed on Monday."


def test_what_is_not_approved_does_not_take_effect(northwind: Company, browsing: Browsing) -> None:
    release = make_release(northwind)
    client, address = browsing(northwind.operator), reverse("governance:release-activate", args=[release.pk])
    assert client.get(address).status_code == 409
    answer = client.post(address, {"reason": "Why not."})
    assert answer.status_code == 409
    assert "not approved" in answer.content.decode()
    assert in_effect() == []


def test_looking_at_the_confirmation_shows_the_change_and_changes_nothing(
    northwind: Company, browsing: Browsing
) -> None:
    release = make_approved(northwind)
    address = reverse("governance:release-activate", args=[release.pk])
    page = browsing(northwind.operator).get(address, {"reason": "By a link."})
    assert (page.status_code, page.context["now"]) == (200, None)
    assert len(page.context["changes"].changed) == 3
    assert in_effect() == []


def test_activating_needs_the_permission(northwind: Company, browsing: Browsing) -> None:
    release = make_approved(northwind)
    address = reverse("governance:release-activate", args=[release.pk])
    assert browsing(northwind.author).get(address).status_code == 403
    assert browsing(northwind.author).post(address, {"reason": "No."}).status_code == 403
    assert in_effect() == []


def test_going_back_shows_the_change_and_needs_a_reason(northwind: Company, browsing: Browsing) -> None:
    first, _ = make_active(northwind)
    second, _ = make_active(northwind, version=make_workflow(northwind, asset=first.workflow))
    client, address = browsing(northwind.operator), reverse("governance:release-roll-back", args=[first.pk])
    page = client.get(address)
    assert (page.context["now"], page.context["release"]) == (second, first)
    for reason in ("", "  ", "x" * 1001, "nul \x00"):
        assert client.post(address, {"reason": reason}).status_code == 400
    assert in_effect() == [second]
    client.post(address, {"reason": "It promised refunds."})
    assert in_effect() == [first]
    assert Activation.objects.latest("sequence").reason == "It promised refunds."


def test_one_does_not_go_back_to_what_is_or_never_was_in_effect(
    northwind: Company, browsing: Browsing
) -> None:
    active, _ = make_active(northwind)
    never = make_approved(northwind, version=make_workflow(northwind, asset=active.workflow))
    client = browsing(northwind.operator)
    for release in (active, never):
        address = reverse("governance:release-roll-back", args=[release.pk])
        assert client.get(address).status_code == 409
        assert client.post(address, {"reason": "Why not."}).status_code == 409
    assert in_effect() == [active]


def test_going_back_needs_the_permission(northwind: Company, browsing: Browsing) -> None:
    first, _ = make_active(northwind)
    second, _ = make_active(northwind, version=make_workflow(northwind, asset=first.workflow))
    address = reverse("governance:release-roll-back", args=[first.pk])
    assert browsing(northwind.auditor).post(address, {"reason": "No."}).status_code == 403
    assert in_effect() == [second]
