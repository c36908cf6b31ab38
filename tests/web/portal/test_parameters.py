"""Addresses that ask for something that the page does not know."""

import pytest
from django.urls import reverse

from runs.records.models import Run
from tests.factories.cast import Company
from tests.visiting import Browsing
from tests.web.runs.recorded import quick

PAGES = ("search", "runs:dashboard", "runs:made", "runs:artifact", "runs:list")


def address(name: str, run: Run) -> str:
    """The page, of what the run used or made where it is about something."""
    of = {"runs:made": run.version_id, "runs:artifact": run.output_id}
    return reverse(name, args=[of[name]] if name in of else [])


@pytest.mark.parametrize("name", PAGES)
def test_a_parameter_that_would_have_no_effect_is_refused(
    northwind: Company, browsing: Browsing, name: str
) -> None:
    client, url = browsing(northwind.auditor), address(name, quick(northwind, 1)[0])
    assert client.get(url).status_code == 200
    refused = client.get(url, {"statee": "failed"})
    assert refused.status_code == 400
    assert "statee" in refused.content.decode()
