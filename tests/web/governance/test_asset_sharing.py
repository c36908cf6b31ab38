"""GET and POST /assets/<id>/sharing/, POST /assets/<id>/stop-sharing/"""

from typing import Any

import pytest
from django.urls import reverse

from governance.catalog.models import Asset
from governance.catalog.sharing import shared_with
from tests.factories.cast import Company
from tests.factories.things import make_prompt
from tests.visiting import Browsing


@pytest.fixture
def asset(northwind: Company) -> Asset:
    """Another prompt stands beside it."""
    make_prompt(northwind)
    return make_prompt(northwind).asset


def given(company: Company, **changed: Any) -> dict[str, Any]:
    return {"to": company.stranger.pk, "permission": "view_asset", "reason": "for the review", **changed}


def address(asset: Asset, act: str = "sharing") -> str:
    return reverse(f"governance:asset-{act}", args=[asset.pk])


def page(asset: Asset) -> str:
    return reverse("governance:asset", args=[asset.kind, asset.pk])


def test_an_owner_shares_one_prompt_which_then_opens_and_takes_it_back(
    asset: Asset, northwind: Company, browsing: Browsing
) -> None:
    owner, stranger = browsing(northwind.owner), browsing(northwind.stranger)
    assert stranger.get(page(asset)).status_code == 404

    assert owner.post(address(asset), given(northwind)).status_code == 302
    assert stranger.get(page(asset)).status_code == 200
    assert stranger.get(reverse("governance:version-new", args=[asset.pk])).status_code == 404
    assert [row[0] for row in stranger.get(reverse("governance:prompts")).context["rows"]] == [asset]
    assert "Stan Stranger" in owner.get(page(asset)).content.decode()

    gone = {"person": northwind.stranger.pk, "reason": "it is done"}
    assert owner.post(address(asset, "stop-sharing"), gone).status_code == 302
    assert stranger.get(page(asset)).status_code == 404
    history = owner.get(page(asset)).context["history"]
    assert [entry.sentence for entry in history[:2]] == [
        f"stopped sharing {asset.slug} with Stan Stranger",
        f"shared {asset.slug} with Stan Stranger",
    ]


def test_a_guest_reads_the_history_and_not_with_whom_it_is_shared(
    asset: Asset, northwind: Company, browsing: Browsing
) -> None:
    browsing(northwind.owner).post(address(asset), given(northwind))

    guest = browsing(northwind.stranger).get(page(asset)).context["history"]
    auditor = browsing(northwind.auditor).get(page(asset)).context["history"]

    assert [entry.event.kind for entry in guest] == ["version.created", "asset.created"]
    assert [entry.event.kind for entry in auditor] == ["asset.shared", "version.created", "asset.created"]


def test_somebody_who_may_write_one_prompt_is_led_to_its_editor(
    asset: Asset, northwind: Company, browsing: Browsing
) -> None:
    owner, stranger = browsing(northwind.owner), browsing(northwind.stranger)
    owner.post(address(asset), given(northwind, permission="author_asset"))

    editor = reverse("governance:version-new", args=[asset.pk])
    assert editor in stranger.get(page(asset)).content.decode()
    assert stranger.get(editor).status_code == 200
    assert [person.may_write for person in shared_with(asset)] == [True]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "nul\x00"}, "reason"),
        ({"permission": "delete_asset"}, "permission"),
        ({"to": ""}, "to"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    changed: dict[str, str], field: str, asset: Asset, northwind: Company, browsing: Browsing
) -> None:
    answer = browsing(northwind.owner).post(address(asset), given(northwind, **changed))

    assert answer.status_code == 400
    assert answer.context["form"].errors[field]
    assert not shared_with(asset)


def test_nobody_of_another_organisation_is_offered_and_sharing_twice_is_a_conflict(
    asset: Asset, northwind: Company, rival: Company, browsing: Browsing
) -> None:
    owner = browsing(northwind.owner)
    refused = owner.post(address(asset), given(northwind, to=rival.author.pk))
    assert refused.status_code == 400
    assert "rival" not in refused.content.decode().lower()

    owner.post(address(asset), given(northwind))
    assert owner.post(address(asset), given(northwind)).status_code == 409
    nobody = {"person": rival.author.pk, "reason": "x"}
    assert owner.post(address(asset, "stop-sharing"), nobody).status_code == 404


def test_who_may_not_share_sees_no_list(asset: Asset, northwind: Company, browsing: Browsing) -> None:
    browsing(northwind.owner).post(address(asset), given(northwind))

    answer = browsing(northwind.author).get(page(asset))
    assert "Shared with" not in answer.content.decode()
    assert browsing(northwind.author).get(address(asset)).status_code == 403
