"""Deciding what a run asks, at the keyboard, with the demonstration's own worker."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import visitor
from tests.e2e.portal_process import RunningPortal

pytestmark = pytest.mark.browser


def test_a_task_is_found_and_decided_by_keys_and_its_run_goes_on(
    browser: Browser, portal: RunningPortal
) -> None:
    with visitor(browser, portal.url) as approver:
        approver.sign_in("approver@northwind.example", portal.password)
        page = approver.page
        page.keyboard.press("g")
        page.keyboard.press("t")
        page.wait_for_url(f"{portal.url}/tasks/")
        page.get_by_role("link", name="Approve the refund").focus()
        page.keyboard.press("Enter")
        page.get_by_role("radio", name="Approve").focus()
        page.keyboard.press("Space")
        page.get_by_label("Reason").fill("The statement shows it twice.")
        page.get_by_role("button", name="Record my decision").press("Enter")

        expect(page.locator("#decision")).to_contain_text("Ines Calder approved")
        expect(page.locator("#decision")).to_be_focused()
        page.get_by_role("link", name="CASE-refund-approval").click()
        expect(page.locator("#run-state")).to_have_text("Succeeded")
        assert approver.complaints == []
        assert approver.axe_findings() == []


def test_a_run_is_told_from_its_page(browser: Browser, portal: RunningPortal) -> None:
    with visitor(browser, portal.url) as operator:
        operator.sign_in("operator@northwind.example", portal.password)
        page = operator.page
        page.goto(f"{portal.url}/runs/?reference=CASE-payment-wait")
        page.locator("tbody tr").first.get_by_role("link").first.click()
        page.get_by_role("button", name="Tell the run").first.click()
        dialog = page.get_by_role("dialog", name="Tell the run what happened")
        dialog.get_by_label("Payload").fill('{"cents": 1200}')
        assert operator.axe_findings() == []
        dialog.get_by_role("button", name="Tell the run").click()

        expect(page.locator("#run-state")).to_have_text("Succeeded")
        assert operator.complaints == []
