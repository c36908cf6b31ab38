"""What runs can ask, as a platform owner opens and shuts it: by keys, with what it says in between."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import Visitor, visitor
from tests.e2e.portal_process import RunningPortal

pytestmark = pytest.mark.browser
OWNER = "owner@northwind.example"


def set_staging(owner: Visitor, reason: str) -> None:
    """On its form: the box of an environment in which nothing of the demonstration runs."""
    page = owner.page
    page.get_by_role("link", name="default").press("Enter")
    page.get_by_label("Staging").press(" ")
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name="Set").press("Enter")
    expect(page.get_by_text("“default” is open to exactly these environments now.")).to_be_visible()


def test_a_provider_is_shut_to_an_environment_and_opened_again_by_keys(
    browser: Browser, portal: RunningPortal
) -> None:
    with visitor(browser, portal.url) as owner:
        owner.sign_in(OWNER, portal.password)
        page = owner.page
        page.keyboard.press("g")
        page.keyboard.press("o")
        page.wait_for_url(re.compile("/endpoints/$"))
        row = page.get_by_role("row", name=re.compile("^default"))
        expect(row.get_by_text("Shut")).to_have_count(0)

        set_staging(owner, "Nobody tries anything out there.")

        expect(row.get_by_text("Shut")).to_have_count(1)
        expect(row.get_by_text("Nobody tries anything out there.")).to_be_visible()
        assert owner.axe_findings() == []
        set_staging(owner, "Somebody does after all.")
        expect(row.get_by_text("Shut")).to_have_count(0)
        assert owner.complaints == []
