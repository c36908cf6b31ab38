"""The page at /api/docs/"""

import re

from django.test import Client
from django.urls import reverse

from portal.api.problems import SORTS
from portal.api.schema import document
from tests.api.callers import by_session
from tests.factories.cast import Company


def page(company: Company) -> str:
    """The page as the auditor sees it."""
    answer = by_session(company.auditor).client.get(reverse("api-docs"))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_needs_a_signed_in_person(northwind: Company) -> None:
    answer = Client().get(reverse("api-docs"))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("account_login"))


def test_every_operation_and_every_problem_has_its_place(northwind: Company) -> None:
    html = page(northwind)
    for path, methods in document()["paths"].items():
        assert path in html
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in html
    for sort in SORTS.values():
        assert f'id="{sort.type.partition("#")[2]}"' in html


def test_choices_are_listed_once_and_not_again_as_markdown(northwind: Company) -> None:
    assert not re.search(r"\* <code>", page(northwind))


def test_every_link_within_the_page_leads_somewhere_and_every_place_is_there_once(northwind: Company) -> None:
    html = page(northwind)
    places = re.findall(r'\sid="([^"]+)"', html)
    assert len(places) == len(set(places))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(places)


def test_nothing_in_the_page_needs_a_laxer_policy(northwind: Company) -> None:
    html = page(northwind)
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", html)


def test_the_types_of_problems_are_addresses_of_this_page(northwind: Company) -> None:
    assert {sort.type.partition("#")[0] for sort in SORTS.values()} == {reverse("api-docs")}
