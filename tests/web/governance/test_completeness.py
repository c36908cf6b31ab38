"""GET /ledger/logs/<log>/completeness/ and its address of the API."""

from pathlib import Path

import pytest
from django.urls import reverse

from governance.ledger.models import Event
from governance.proof.models import Checkpoint
from tests.api.callers import by_session
from tests.factories.cast import Company
from tests.factories.logs import fill, sign_all
from tests.factories.things import make_prompt
from tests.harness.fresh import FreshDatabase
from tests.proof.tampering import altered
from tests.visiting import Browsing


@pytest.fixture
def address(fresh_database: FreshDatabase, northwind: Company, tmp_path: Path) -> str:
    """Of a log that was signed twice."""
    make_prompt(northwind)
    sign_all(tmp_path)
    fill(northwind, 5)
    sign_all(tmp_path)
    return reverse("governance:completeness", args=[northwind.organisation.pk])


def test_an_owner_sees_what_was_compared_and_that_nothing_is_missing(
    address: str, northwind: Company, browsing: Browsing
) -> None:
    shown = browsing(northwind.owner).get(address)
    report = shown.context["report"]
    assert (shown.status_code, report.complete, report.span.first) == (200, True, 0)
    compared = {row.what: (row.rows, row.events) for row in report.compared}
    assert compared["versions"] == (1, 1)
    assert "leave none" in shown.content.decode()
    assert address in browsing(northwind.owner).get(reverse("governance:proof")).content.decode()
    assert address not in browsing(northwind.auditor).get(reverse("governance:proof")).content.decode()
    assert browsing(northwind.auditor).get(address).status_code == 403


def test_a_hole_is_told_on_the_page_and_by_the_api(
    address: str, fresh_database: FreshDatabase, northwind: Company, browsing: Browsing
) -> None:
    taken = Event.objects.filter(kind="weight.set").order_by("id")[2]
    altered(fresh_database, "DELETE FROM ledger_event WHERE id = %s", taken.pk)
    first = Checkpoint.objects.of(northwind.organisation.pk).order_by("size")[0]

    page = browsing(northwind.owner).get(address, {"since": first.size}).content.decode()
    place = f"ledger/logs/{northwind.organisation.pk}/completeness/"
    plain = by_session(northwind.owner).get(place, since=first.size).json()

    assert "source_gap" in page
    assert "event_missing" in page
    assert {found["code"] for found in plain["findings"]} == {"source_gap", "event_missing"}
    assert (plain["complete"], plain["since"]["size"]) == (False, first.size)


@pytest.mark.parametrize("asked", [{"since": "3"}, {"since": "-1"}, {"since": "x"}, {"until": "9" * 30}])
def test_a_checkpoint_that_there_is_not_comes_back_with_the_form(
    address: str, northwind: Company, browsing: Browsing, asked: dict[str, str]
) -> None:
    shown = browsing(northwind.owner).get(address, asked)
    assert shown.status_code == 400
    assert "Nothing was looked at" in shown.content.decode()


def test_more_than_is_looked_at_meanwhile_is_sent_to_the_command(
    address: str, northwind: Company, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("governance.proof.completeness.asked.MOST_ENTRIES", 6)
    assert browsing(northwind.owner).get(address).context["report"].entries == 6  # the newest that fit
    shown = browsing(northwind.owner).get(address, {"since": "0"})
    assert (shown.status_code, "manage.py ledger gaps" in shown.content.decode()) == (400, True)
