"""Who relied on a function: a recall is opened, collected by a worker meanwhile, and settled."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import visitor
from tests.e2e.portal_process import RunningPortal

pytestmark = pytest.mark.browser
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_a_recall_is_collected_by_a_worker_and_settled_by_a_person(
    browser: Browser, portal: RunningPortal
) -> None:
    with visitor(browser, portal.url) as approver:
        approver.sign_in("approver@northwind.example", portal.password)
        page = approver.page
        page.keyboard.press("g")
        page.keyboard.press("x")
        page.wait_for_url(f"{portal.url}/recalls/")
        page.get_by_role("link", name="Who relied on …").press("Enter")
        assert approver.axe_findings() == []
        page.get_by_label("As workflows name it").fill("redact_personal_data@1")
        page.get_by_role("button", name="Look").first.press("Enter")
        page.get_by_label("What is wrong with it").fill("It left a phone number in.")
        assert approver.axe_findings() == []
        page.get_by_role("button", name="Open the recall").press("Enter")

        expect(page.locator("#progress")).to_contain_text("0 of", timeout=60_000)
        page.reload()
        page.get_by_label("Case 1", exact=True).check()
        page.get_by_label("Note").fill("Nothing was left in.")
        page.get_by_role("button", name="Settle", exact=True).press("Enter")
        expect(page.locator("#progress")).to_contain_text("1 of")
        assert approver.axe_findings() == []
        page.set_viewport_size({"width": 320, "height": 900})
        assert page.evaluate(WIDER) == 0
        page.set_viewport_size({"width": 1440, "height": 900})
        page.get_by_role("button", name="Close…").press("Enter")
        dialog = page.get_by_role("dialog", name="Close this recall?")
        dialog.get_by_label("What came of it").fill("Too early.")
        dialog.get_by_role("button", name="Close it").press("Enter")
        expect(page.locator("main")).to_contain_text("Settle them first")
