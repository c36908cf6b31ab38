"""GET /approvals/"""

import pytest
from django.urls import reverse

from governance.accounts.models import User
from governance.approvals.services import withdraw
from tests.counting import queries_of
from tests.factories.cast import Company
from tests.factories.things import approve, make_release
from tests.visiting import Browsing

INBOX = reverse("governance:approvals")


def shown(browsing: Browsing, person: User, view: str) -> list[object]:
    return [row.request for row in browsing(person).get(INBOX, {"view": view}).context["rows"]]


def test_each_view_shows_what_it_says(northwind: Company, browsing: Browsing) -> None:
    waiting, decided, taken_back = (make_release(northwind).request for _ in range(3))
    approve(decided.release, by=northwind.approver)
    withdraw(taken_back, actor=northwind.author)
    assert shown(browsing, northwind.approver, "waiting") == [waiting]
    assert shown(browsing, northwind.approver, "decided") == [decided]
    assert shown(browsing, northwind.author, "mine") == [taken_back, decided, waiting]
    assert shown(browsing, northwind.auditor, "open") == [waiting]
    assert shown(browsing, northwind.auditor, "all") == [taken_back, decided, waiting]


def test_it_begins_with_what_the_reader_can_do_something_about(
    northwind: Company, browsing: Browsing
) -> None:
    waiting = make_release(northwind).request
    for person, view in ((northwind.approver, "waiting"), (northwind.auditor, "open")):
        page = browsing(person).get(INBOX)
        assert page.context["view"] == view
        assert [row.request for row in page.context["rows"]] == [waiting]


def test_the_author_sees_it_and_is_told_why_somebody_else_must_decide(
    northwind: Company, browsing: Browsing
) -> None:
    make_release(northwind)
    assert shown(browsing, northwind.author, "waiting") == []
    page = browsing(northwind.author).get(INBOX, {"view": "open"}).content.decode()
    assert "You submitted it and wrote" in page


def test_the_inbox_costs_the_same_queries_for_one_request_and_for_many(
    northwind: Company, browsing: Browsing
) -> None:
    client, counts = browsing(northwind.approver), []
    for more in (1, 4):
        for _ in range(more):
            make_release(northwind)
        counts.append(queries_of(client, INBOX))
    assert counts[0] == counts[1]
    assert counts[1] <= 14


def test_another_organisation_sees_none_of_it(northwind: Company, rival: Company, browsing: Browsing) -> None:
    make_release(northwind)
    for view in ("waiting", "open", "all"):
        assert shown(browsing, rival.approver, view) == []


@pytest.mark.parametrize("query", [{"view": "everything"}, {"state": "open"}, {"after": "1"}])
def test_what_is_no_view_is_refused(northwind: Company, browsing: Browsing, query: dict[str, str]) -> None:
    assert browsing(northwind.approver).get(INBOX, query).status_code == 400
