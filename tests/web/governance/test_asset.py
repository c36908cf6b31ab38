"""GET /prompts/<id>/ and its siblings; GET and POST /prompts/new/"""

from uuid import uuid4

import pytest
from django.urls import reverse

from governance.catalog.models import Asset
from tests.counting import queries_of
from tests.factories.cast import Company
from tests.factories.things import make_active, make_model, make_prompt, make_workflow
from tests.visiting import Browsing

NEW = reverse("governance:asset-new", args=["prompt"])


def test_the_page_shows_the_newest_content_and_the_rail_of_versions(
    northwind: Company, browsing: Browsing
) -> None:
    first = make_prompt(northwind, text="Be brief.")
    second = make_prompt(northwind, asset=first.asset, text="Be kind.")
    make_active(northwind, version=make_workflow(northwind, prompt=first))
    page = browsing(northwind.auditor).get(reverse("governance:asset", args=["prompt", first.asset_id]))
    words = page.content.decode()
    assert "Be kind." in words
    assert '<var class="place">{letter}</var>' in words
    assert [
        (version, [row.environment.slug for row in where]) for version, where in page.context["versions"]
    ] == [
        (second, []),
        (first, ["production"]),
    ]


def test_a_model_shows_its_parameters_and_its_weights(northwind: Company, browsing: Browsing) -> None:
    version = make_model(northwind, weights_sha256="ab" * 32)
    page = browsing(northwind.auditor).get(reverse("governance:asset", args=["model", version.asset_id]))
    assert "ab" * 32 in page.content.decode()
    assert ("Temperature", "0.2") in page.context["content"].facts


def test_a_workflow_shows_its_graph_and_links_its_pins(northwind: Company, browsing: Browsing) -> None:
    version = make_workflow(northwind)
    page = browsing(northwind.auditor).get(reverse("governance:asset", args=["workflow", version.asset_id]))
    words = page.content.decode()
    assert "<svg" in words
    for pin in version.pins.all():
        assert reverse("governance:version", args=[pin.pinned_id]) in words


def test_the_page_costs_the_same_queries_for_one_version_and_for_many(
    northwind: Company, browsing: Browsing
) -> None:
    asset = make_prompt(northwind).asset
    address = reverse("governance:asset", args=["prompt", asset.pk])
    before = queries_of(browsing(northwind.auditor), address)
    for number in range(5):
        make_prompt(northwind, asset=asset, text=f"Number {number}.")
    assert queries_of(browsing(northwind.auditor), address) == before


def test_the_address_without_a_kind_leads_to_the_one_with_it(northwind: Company, browsing: Browsing) -> None:
    asset = make_prompt(northwind).asset
    answer = browsing(northwind.auditor).get(reverse("governance:asset", args=[asset.pk]))
    assert answer.headers["Location"] == reverse("governance:asset", args=["prompt", asset.pk])


def test_the_wrong_kind_another_organisation_and_nothing_are_all_not_there(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    asset = make_prompt(northwind).asset
    assert (
        browsing(northwind.auditor).get(reverse("governance:asset", args=["model", asset.pk])).status_code
        == 404
    )
    assert (
        browsing(rival.owner).get(reverse("governance:asset", args=["prompt", asset.pk])).status_code == 404
    )
    assert browsing(rival.owner).get(reverse("governance:asset", args=["prompt", uuid4()])).status_code == 404


def test_naming_a_prompt_leads_to_its_first_version(northwind: Company, browsing: Browsing) -> None:
    given = {"project": northwind.project.pk, "slug": "complaint-reply", "purpose": "Drafts the answer."}
    answer = browsing(northwind.author).post(NEW, given)
    asset = Asset.objects.get(slug="complaint-reply")
    assert answer.headers["Location"] == reverse("governance:version-new", args=[asset.pk])
    assert (asset.kind, asset.purpose, asset.created_by) == ("prompt", "Drafts the answer.", northwind.author)


@pytest.mark.parametrize("slug", ["two words", "", "x" * 81, "nul\x00", "snow☃"])
def test_a_name_that_cannot_be_is_refused_beside_its_field_and_kept(
    northwind: Company, browsing: Browsing, slug: str
) -> None:
    answer = browsing(northwind.author).post(
        NEW, {"project": northwind.project.pk, "slug": slug, "purpose": "Kept."}
    )
    assert answer.status_code == 400
    assert answer.context["form"].errors["slug"]
    assert "Kept." in answer.content.decode()
    assert not Asset.objects.exists()


def test_a_name_cannot_be_given_in_somebody_elses_project(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    answer = browsing(northwind.author).post(NEW, {"project": rival.project.pk, "slug": "mine"})
    assert answer.status_code == 400
    assert not Asset.objects.exists()


def test_who_may_not_write_is_told_which_permission_is_missing(
    northwind: Company, browsing: Browsing
) -> None:
    answer = browsing(northwind.auditor).get(NEW)
    assert answer.status_code == 403
    assert "Write prompts, models and workflows" in answer.content.decode()


def test_each_version_leads_to_its_outputs(northwind: Company, browsing: Browsing) -> None:
    first = make_prompt(northwind)
    second = make_prompt(northwind, asset=first.asset, text="Anew.")
    address = reverse("governance:asset", args=["prompt", first.asset_id])
    page = browsing(northwind.auditor).get(address).content.decode()
    for version in (first, second):
        assert f'href="{reverse("runs:made", args=[version.pk])}"' in page
