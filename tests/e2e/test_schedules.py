"""Setting a schedule at the keyboard, with its next times in sight while it is typed."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import visitor
from tests.e2e.portal_process import RunningPortal

pytestmark = pytest.mark.browser
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_a_schedule_is_set_by_keys_and_tells_its_next_times_while_it_is_typed(
    browser: Browser, portal: RunningPortal
) -> None:
    with visitor(browser, portal.url) as operator:
        operator.sign_in("operator@northwind.example", portal.password)
        page = operator.page
        page.keyboard.press("g")
        page.keyboard.press("c")
        page.wait_for_url(f"{portal.url}/schedules/")
        page.get_by_role("link", name="New schedule").first.press("Enter")
        page.get_by_role("link", name="Schedule complaint-handling…").first.press("Enter")
        page.get_by_label("Name").fill("Letters of the night")
        page.get_by_label("Times, as a cron expression").fill("30 2 * * *")
        page.get_by_label("Time zone").fill("America/New_York")

        preview = page.locator("#preview")
        expect(preview).to_contain_text("At 02:30 every day, America/New_York")
        expect(preview.get_by_role("listitem")).to_have_count(5)
        page.get_by_label("Times, as a cron expression").fill("30 2 * *")
        expect(preview).to_contain_text("Five fields")
        page.get_by_role("radio", name="at equal intervals").press("Space")
        expect(preview).to_contain_text("Every hour")
        expect(page.get_by_label("Times, as a cron expression")).to_be_hidden()
        assert operator.axe_findings() == []
        page.get_by_label("Letter").fill("Dear Sir or Madam, my card was charged twice.")
        page.get_by_role("button", name="Set the schedule").press("Enter")

        expect(page.get_by_role("heading", level=1)).to_have_text("Letters of the night")
        page.set_viewport_size({"width": 320, "height": 900})
        assert page.evaluate(WIDER) == 0
        page.get_by_role("button", name="Pause…").press("Enter")
        dialog = page.get_by_role("dialog", name="Pause this schedule?")
        dialog.get_by_label("Reason").fill("Only tried out.")
        dialog.get_by_role("button", name="Pause it").press("Enter")
        expect(page.locator("main")).to_contain_text("Only tried out.")
        assert operator.axe_findings() == []
        assert operator.complaints == []
