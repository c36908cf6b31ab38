"""GET /prompts/, /models/, /workflows/"""

import pytest
from django.urls import reverse

from governance.catalog.models import Asset
from governance.catalog.services import create_asset
from governance.web import paging
from tests.counting import queries_of
from tests.factories.cast import Company
from tests.factories.things import make_active, make_prompt, make_workflow
from tests.visiting import Browsing

LISTS = ("governance:prompts", "governance:models", "governance:workflows")


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_queries_for_one_row_and_for_many(
    northwind: Company, browsing: Browsing, name: str
) -> None:
    client, counts = browsing(northwind.auditor), []
    for more in (1, 4):
        for _ in range(more):
            make_active(northwind, version=make_workflow(northwind))
        counts.append(queries_of(client, reverse(name)))
    assert counts[0] == counts[1]
    assert counts[1] <= 18


def test_a_row_says_what_is_newest_and_where_it_is_in_effect(northwind: Company, browsing: Browsing) -> None:
    prompt = make_prompt(northwind)
    make_active(northwind, version=make_workflow(northwind, prompt=prompt))
    newer = make_prompt(northwind, asset=prompt.asset, text="Anew.")
    page = browsing(northwind.auditor).get(reverse("governance:prompts"))
    ((asset, newest, present),) = page.context["rows"]
    assert (asset, newest) == (prompt.asset, newer)
    assert [(row.environment.slug, row.version) for row in present] == [("production", prompt)]
    assert "Production v1" in page.content.decode()


def test_pages_lead_to_each_other_without_losing_a_row(
    northwind: Company, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE_SIZE", 5)
    for number in range(8):
        create_asset(northwind.project, actor=northwind.author, kind=Asset.Kind.PROMPT, slug=f"p-{number:02}")
    client, address = browsing(northwind.auditor), reverse("governance:prompts")
    first = client.get(address)
    second = client.get(address + first.context["page"].older_url)
    shown = [row.slug for row in (*first.context["page"].rows, *second.context["page"].rows)]
    assert shown == [f"p-{number:02}" for number in range(8)]
    back = client.get(address + second.context["page"].newer_url)
    assert [row.slug for row in back.context["page"].rows] == shown[:5]


def test_another_organisation_sees_nothing_of_it(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    prompt = make_prompt(northwind)
    page = browsing(rival.author).get(reverse("governance:prompts"), {"project": str(northwind.project.pk)})
    assert prompt.asset.slug not in page.content.decode()
    assert not page.context["rows"]


@pytest.mark.parametrize(
    "query",
    [
        {"order": "project__organisation"},
        {"project": "nothing"},
        {"after": "x"},
        {"after": "a~b"},
        {"after": "\x00~b"},
    ],
)
def test_what_is_no_filter_is_refused(northwind: Company, browsing: Browsing, query: dict[str, str]) -> None:
    assert browsing(northwind.auditor).get(reverse("governance:prompts"), query).status_code == 400


def test_an_author_is_offered_the_first_one_and_an_auditor_is_not(
    northwind: Company, browsing: Browsing
) -> None:
    address, offer = reverse("governance:models"), reverse("governance:asset-new", args=["model"])
    assert offer in browsing(northwind.author).get(address).content.decode()
    assert offer not in browsing(northwind.auditor).get(address).content.decode()
