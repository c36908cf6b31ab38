"""Every page that links lead to, in both themes and on a phone: axe finds nothing, the policy is kept."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from portal.demo.cast import PARTS
from tests.e2e.browser import Visitor, visitor
from tests.e2e.crawl import Crawl
from tests.e2e.portal_process import RunningPortal

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OF_COLOUR = ("color-contrast", "link-in-text-block")  # what axe can find in one theme alone
WIDTHS = (1280, 320)  # a small laptop and a phone
CHART_PATIENCE = 20
EXPECTED = {
    "account_login",
    "runs:output",
    "governance:approval",
    "runs:start",
    "runs:dashboard",
    "runs:task",
    "runs:compare",
    "runs:memory-value",
    "runs:schedule",
    "runs:webhook",
    "runs:endpoint['kind', 'name', 'organisation']",
    "admin:index",
}


def test_every_page_is_accessible_keeps_the_policy_and_fits_small_screens(
    browser: Browser, portal: RunningPortal
) -> None:
    found: list[str] = []
    in_the_dark: set[str] = set()
    crawl = Crawl(portal.url)
    for email in (None, *(part.email for part in PARTS)):
        with visitor(browser, portal.url) as person:
            if email:
                person.sign_in(email, portal.password)
            for kind, address in crawl.pages(person.page):
                dark = _template(kind) not in in_the_dark
                in_the_dark.add(_template(kind))
                found += [f"{email}, {kind}: {words}" for words in _faults(person, address, dark=dark)]
        found += person.complaints
    assert not found, "\n".join(found)
    assert crawl.opened >= EXPECTED


def _template(kind: str) -> str:
    """What gives the page its colours: the admin has one template for the same page of each model."""
    return "admin:" + kind.rsplit("_", 1)[-1] if kind.startswith("admin:") else kind


def _faults(person: Visitor, address: str, *, dark: bool) -> Iterator[str]:
    """What is wrong with the open page: axe, in both themes if so asked, then the width on small screens."""
    if dark:
        person.wear("dark")
        yield from (f"dark: {finding}" for finding in person.axe_findings(*OF_COLOUR))
        person.wear("light")
    yield from (f"light: {finding}" for finding in person.axe_findings())
    for screen in WIDTHS:
        person.page.set_viewport_size({"width": screen, "height": 800})
        if (width := _settled_width(person, screen)) > screen:
            yield f"{address} is {width} px wide on a screen of {screen}"
    person.page.set_viewport_size({"width": 1440, "height": 900})


def _settled_width(person: Visitor, screen: int) -> int:
    """The width of the page's content; charts follow a new width a moment later."""
    width = 0
    for _ in range(CHART_PATIENCE):
        width = int(person.page.evaluate("document.documentElement.scrollWidth"))
        if width <= screen:
            break
        person.page.wait_for_timeout(250)
    return width
