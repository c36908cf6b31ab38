"""GET /releases/ and /releases/<id>/"""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from governance.catalog.functions import Announcement, announce
from governance.releases.services import roll_back
from tests.counting import queries_of
from tests.factories.cast import Company
from tests.factories.things import (
    make_active,
    make_approved,
    make_model,
    make_prompt,
    make_release,
    make_version,
    make_workflow,
    workflow_content,
)
from tests.visiting import Browsing

BOARD = reverse("governance:releases")


def words_of(page: Any) -> str:
    """What is read on the page, each blank once."""
    return " ".join(strip_tags(page.content.decode()).split())


def test_the_board_says_what_is_in_effect_where_by_whom_and_what_is_coming(
    northwind: Company, browsing: Browsing
) -> None:
    active, activation = make_active(northwind)
    coming = make_release(northwind, version=make_workflow(northwind, asset=active.workflow))
    page = browsing(northwind.auditor).get(BOARD)
    ((environments, ((workflow, cells),)),) = page.context["boards"]
    assert [environment.slug for environment in environments] == ["development", "staging", "production"]
    assert workflow == active.workflow
    assert [cell.activation for cell in cells] == [None, None, activation]
    assert cells[2].approvers == ["Aron Approver"]
    assert cells[2].waiting == [coming]


def test_a_rollback_shows_on_the_board_and_an_older_release_is_not_coming(
    northwind: Company, browsing: Browsing
) -> None:
    first, _ = make_active(northwind)
    make_active(northwind, version=make_workflow(northwind, asset=first.workflow))
    roll_back(first, actor=northwind.operator, reason="It promised refunds.")
    page = browsing(northwind.auditor).get(BOARD)
    ((_, ((_, cells),)),) = page.context["boards"]
    assert cells[2].activation.release == first
    assert cells[2].waiting == []
    assert "Otto Operator rolled back to it" in words_of(page)


def test_the_board_costs_the_same_queries_for_one_workflow_and_for_many(
    northwind: Company, browsing: Browsing
) -> None:
    client, counts = browsing(northwind.auditor), []
    for more in (1, 4):
        for _ in range(more):
            make_active(northwind)
            make_release(northwind)
        counts.append(queries_of(client, BOARD))
    assert counts[0] == counts[1]
    assert counts[1] <= 18


def test_another_organisation_has_a_board_of_its_own(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    make_active(northwind)
    own, _ = make_active(rival)
    page = browsing(rival.auditor).get(BOARD)
    assert list(page.context["page"].rows) == [own]
    assert [row[0] for _, rows in page.context["boards"] for row in rows] == [own.workflow]


def test_the_list_below_is_narrowed_by_state(northwind: Company, browsing: Browsing) -> None:
    waiting, approved = make_release(northwind), make_approved(northwind)
    client = browsing(northwind.auditor)
    assert list(client.get(BOARD, {"state": "open"}).context["page"].rows) == [waiting]
    assert list(client.get(BOARD, {"state": "approved"}).context["page"].rows) == [approved]
    assert client.get(BOARD, {"state": "dancing"}).status_code == 400
    assert client.get(BOARD, {"submitted_by__password": "x"}).status_code == 400


def test_a_release_shows_its_pins_its_decision_and_its_time_in_effect(
    northwind: Company, browsing: Browsing
) -> None:
    release, activation = make_active(northwind)
    page = browsing(northwind.auditor).get(reverse("governance:release", args=[release.pk]))
    words = page.content.decode()
    assert [(period.begun, period.ended) for period in page.context["periods"]] == [(activation, None)]
    for pin in release.version.pins.all():
        assert pin.pinned.digest in words
    assert "In effect in Production" in words
    assert "Digest holds" in words
    assert "Closure" not in words
    assert "Aron Approver" in words


def test_only_those_who_may_are_offered_to_act(northwind: Company, browsing: Browsing) -> None:
    release = make_approved(northwind)
    act = reverse("governance:release-activate", args=[release.pk])
    address = reverse("governance:release", args=[release.pk])
    assert act in browsing(northwind.operator).get(address).content.decode()
    assert act not in browsing(northwind.auditor).get(address).content.decode()


def test_the_release_in_effect_leads_one_step_back(northwind: Company, browsing: Browsing) -> None:
    first, _ = make_active(northwind)
    second, _ = make_active(northwind, version=make_workflow(northwind, asset=first.workflow))
    page = browsing(northwind.operator).get(reverse("governance:release", args=[second.pk]))
    assert page.context["roll_back_to"] == first
    assert reverse("governance:release-roll-back", args=[first.pk]) in page.content.decode()


def test_a_release_tells_when_why_and_by_whom_it_stopped_being_in_effect(
    northwind: Company, browsing: Browsing
) -> None:
    first, begun = make_active(northwind)
    second, ended = make_active(northwind, version=make_workflow(northwind, asset=first.workflow))
    back = roll_back(first, actor=northwind.operator, reason="It promised refunds.")
    client = browsing(northwind.auditor)
    old = client.get(reverse("governance:release", args=[first.pk]))
    assert [(p.begun, p.ended) for p in old.context["periods"]] == [(back, None), (begun, ended)]
    page = client.get(reverse("governance:release", args=[second.pk]))
    assert [(p.begun, p.ended) for p in page.context["periods"]] == [(ended, back)]
    words = words_of(page)
    assert "Otto Operator rolled back to" in words
    assert "It promised refunds." in words
    (over,) = page.context["periods"]
    assert f"{ended.at:%-d %b %Y, %H:%M:%S} UTC to {back.at:%-d %b %Y, %H:%M:%S} UTC" in words
    asked = {name: value for name, (value,) in parse_qs(urlsplit(over.runs_url).query).items()}
    assert asked["release"] == str(second.pk)
    assert asked["since"] == ended.at.isoformat(timespec="milliseconds")[:23]
    assert asked["until"] == back.at.isoformat(timespec="milliseconds")[:23]
    assert client.get(over.runs_url).status_code == 200


def test_the_list_tells_what_was_in_effect_from_what_never_was(
    northwind: Company, browsing: Browsing
) -> None:
    first, _ = make_active(northwind)
    second, _ = make_active(northwind, version=make_workflow(northwind, asset=first.workflow))
    never = make_approved(northwind, version=make_workflow(northwind, asset=first.workflow))
    client = browsing(northwind.auditor)
    asset = reverse("governance:asset", args=["workflow", first.workflow_id])
    for page in (client.get(BOARD), client.get(asset)):
        assert page.context["effects"].now == {second.pk}
        assert page.context["effects"].before == {first.pk}
        words = words_of(page)
        assert words.count("was in effect before") == 1
        assert words.index(str(never)) < words.index(f"{first} {first.version} Production Approved was in")


def test_going_forward_to_a_release_again_is_no_rollback_in_any_words(
    northwind: Company, browsing: Browsing
) -> None:
    first, _ = make_active(northwind)
    second, _ = make_active(northwind, version=make_workflow(northwind, asset=first.workflow))
    client = browsing(northwind.operator)
    address = reverse("governance:release", args=[second.pk])
    assert f"Roll back to release {first.number}…" in words_of(client.get(address))
    roll_back(first, actor=northwind.operator, reason="It promised refunds.")
    assert "Put back into effect…" in words_of(client.get(address))
    again = client.get(reverse("governance:release-roll-back", args=[second.pk]))
    assert again.context["title"] == f"Put {second} back into effect"
    roll_back(second, actor=northwind.operator, reason="It did not.")
    assert "Otto Operator put it back into effect" in words_of(client.get(BOARD))
    assert "Otto Operator put it back into effect" in words_of(client.get(reverse("home")))
    words = words_of(client.get(address))
    assert "put it back into effect: “It did not.”" in words
    assert f"put {second} back into effect in production: It did not." in words


def test_an_older_release_offers_the_way_back_only_where_the_service_would_take_it(
    northwind: Company, browsing: Browsing
) -> None:
    announce(Announcement("test_step@9", frozenset({"text"}), "For the test.", "0" * 64))
    draft = workflow_content(make_prompt(northwind), make_model(northwind))
    node = {"kind": "function", "key": "first", "function": "test_step@9", "inputs": {"text": "$letter"}}
    draft["nodes"].append({**node, "next": "summary"})
    draft["start"] = "first"
    first, _ = make_active(northwind, version=make_version(northwind, "workflow", draft))
    make_active(northwind, version=make_workflow(northwind, asset=first.workflow))
    back, address = (
        reverse(f"governance:{name}", args=[first.pk]) for name in ("release-roll-back", "release")
    )
    client = browsing(northwind.operator)
    page = client.get(address).content.decode()
    assert back in page
    assert reverse("governance:release-activate", args=[first.pk]) not in page
    announce(Announcement("test_step@9", frozenset({"text"}), "For the test.", "1" * 64))
    page = client.get(address).content.decode()
    assert back not in page
    assert "No worker runs this release now." in page
    assert client.get(back).status_code == 409


@pytest.mark.parametrize(
    "name", ["governance:release", "governance:release-roll-back", "governance:release-activate"]
)
def test_another_organisation_does_not_see_it(
    northwind: Company, rival: Company, browsing: Browsing, name: str
) -> None:
    release = make_approved(northwind)
    client = browsing(rival.operator)
    address = reverse(name, args=[release.pk])
    assert client.post(address).status_code == (405 if name == "governance:release" else 404)
    assert client.get(address).status_code == 404
