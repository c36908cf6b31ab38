"""Every page that links lead to, for every role, in both themes: axe finds nothing, the policy is kept."""

import pytest
from playwright.sync_api import Browser

from governance.access.permissions import Role
from portal.demo.cast import PARTS
from tests.e2e.browser import visitor
from tests.e2e.crawl import kinds_of_pages
from tests.e2e.portal_process import RunningPortal

pytestmark = [pytest.mark.browser, pytest.mark.slow]
EMAIL = {part.role: part.email for part in PARTS}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.APPROVER, Role.AUTHOR, Role.OPERATOR, Role.OWNER])
def test_every_page_is_accessible_and_keeps_the_content_policy(
    browser: Browser, portal: RunningPortal, role: Role, theme: str
) -> None:
    found: list[str] = []
    kinds = 0
    with visitor(browser, portal.url, theme=theme) as person:
        person.sign_in(EMAIL[role], portal.password)
        for kind, _ in kinds_of_pages(person.page, portal.url):
            kinds += 1
            found += [f"{kind} {finding}" for finding in person.axe_findings()]
    assert found == []
    assert person.complaints == []
    assert kinds > 15


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.APPROVER, Role.OWNER])
def test_no_page_scrolls_sideways_on_a_phone(browser: Browser, portal: RunningPortal, role: Role) -> None:
    too_wide: list[str] = []
    with visitor(browser, portal.url, width=320) as person:
        person.sign_in(EMAIL[role], portal.password)
        for kind, address in kinds_of_pages(person.page, portal.url):
            width = person.page.evaluate("document.documentElement.scrollWidth")
            if width > 320:
                too_wide.append(f"{kind} {address}: {width} px")
    assert too_wide == []
