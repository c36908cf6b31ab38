"""The promise of the product: from a sentence that a model wrote to the person who approved it."""

import httpx
import pytest
from playwright.sync_api import Browser, expect

from governance.access.permissions import Role
from portal.demo.cast import PARTS
from tests.e2e.browser import visitor
from tests.e2e.portal_process import RunningPortal
from tests.e2e.revealing import reveal

pytestmark = pytest.mark.browser
EMAIL = {part.role: part.email for part in PARTS}
APPROVER = next(part.name for part in PARTS if part.role == Role.APPROVER)


def test_an_auditor_pastes_a_sentence_of_an_output_and_reads_the_approvers_name(
    browser: Browser, portal: RunningPortal
) -> None:
    with visitor(browser, portal.url) as auditor:
        auditor.sign_in(EMAIL[Role.AUDITOR], portal.password)
        auditor.page.goto(f"{portal.url}/runs/?state=succeeded&reference=CASE-88202")
        drafting = auditor.page.locator("tbody tr", has_text="complaint-handling").last
        drafting.get_by_role("link").first.click()
        auditor.page.get_by_role("link", name="Trace the output").click()
        reveal(auditor, "#output")
        sentence = auditor.page.locator(".said").first.inner_text().strip()[:200]
        assert len(sentence) > 20

        auditor.page.goto(f"{portal.url}/")
        search = auditor.page.get_by_role("search").first.get_by_role("searchbox")
        search.fill(sentence)
        search.press("Enter")
        if "/outputs/" not in auditor.page.url:
            auditor.page.get_by_role("link", name="Draft reply").first.click()

        expect(auditor.page.locator("dl.strip").first).to_contain_text(APPROVER)
        expect(auditor.page.locator("body")).to_contain_text(sentence[:60])
        assert auditor.complaints == []


def test_somebody_who_is_not_signed_in_reads_nothing(portal: RunningPortal) -> None:
    answer = httpx.get(f"{portal.url}/runs/", follow_redirects=False)

    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/account/login/")
