"""Going through a list page by page."""

from base64 import b64encode

import pytest

from governance.catalog.models import Asset
from governance.catalog.services import create_asset
from tests.api.callers import Caller, fields_of, problem_of
from tests.counting import queries_of
from tests.factories.cast import Company


def make_assets(company: Company, number: int, *, start: int = 0) -> list[Asset]:
    """That many prompts without versions, oldest first."""
    return [
        create_asset(company.project, actor=company.author, kind=Asset.Kind.PROMPT, slug=f"paged-{index}")
        for index in range(start, start + number)
    ]


def slugs(answer: object) -> list[str]:
    """The slugs on a page."""
    return [asset["slug"] for asset in answer.json()["results"]]  # type: ignore[attr-defined]


def test_a_list_is_read_to_its_end_and_back(northwind: Company, auditor: Caller) -> None:
    expected = [asset.slug for asset in reversed(make_assets(northwind, 7))]
    pages, answer = [], auditor.get("assets/", page_size=3)
    while True:
        pages.append(slugs(answer))
        if answer.json()["next"] is None:
            break
        answer = auditor.get(answer.json()["next"])
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [slug for page in pages for slug in page] == expected
    assert slugs(auditor.get(answer.json()["previous"])) == expected[3:6]


def test_what_is_added_meanwhile_shifts_no_page(northwind: Company, auditor: Caller) -> None:
    expected = [asset.slug for asset in reversed(make_assets(northwind, 4))]
    first = auditor.get("assets/", page_size=2)
    create_asset(northwind.project, actor=northwind.author, kind=Asset.Kind.PROMPT, slug="late")
    assert slugs(auditor.get(first.json()["next"])) == expected[2:]


@pytest.mark.parametrize("size", ["0", "-1", "201", "1000000000", "ten", "", "1.5", "٣"])
def test_a_page_size_outside_one_to_two_hundred_is_refused(auditor: Caller, size: str) -> None:
    assert fields_of(auditor.get("assets/", page_size=size)) == {"page_size"}


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "é",
        "p=1",
        "cD1ub3RoaW5n",
        b64encode(b"p=2026-01-01").decode(),
        b64encode(b"o=10&r=1").decode(),
        "A" * 3000,
    ],
)
def test_a_forged_cursor_is_refused(auditor: Caller, cursor: str) -> None:
    assert fields_of(auditor.get("assets/", cursor=cursor)) == {"cursor"}


def test_a_deep_offset_in_a_forged_cursor_skips_nothing(northwind: Company, auditor: Caller) -> None:
    newest = make_assets(northwind, 3)[-1]
    forged = b64encode(f"o=1000&p={newest.pk}".encode()).decode()
    assert slugs(auditor.get("assets/", cursor=forged)) == ["paged-1", "paged-0"]


def test_the_cursor_of_one_organisation_shows_nothing_of_it_to_another(
    northwind: Company, rival: Company, auditor: Caller, outsider: Caller
) -> None:
    make_assets(northwind, 3)
    make_assets(rival, 1)
    taken = auditor.get("assets/", page_size=1).json()["next"]
    theirs = {asset["project"]["slug"] for asset in outsider.get(taken).json()["results"]}
    assert theirs <= {"claims"}


def test_a_list_costs_the_same_queries_however_long_it_is(northwind: Company, auditor: Caller) -> None:
    counts = []
    for start in (0, 5):
        make_assets(northwind, 5, start=start)
        counts.append(queries_of(auditor, "assets/?page_size=100"))
    assert counts[0] == counts[1]


def test_a_list_that_is_not_paged_takes_no_cursor(auditor: Caller) -> None:
    problem_of(auditor.get("me/", cursor="x"), 400)
