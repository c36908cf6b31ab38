"""Every page that links lead to, in both themes and on a phone: axe finds nothing, the policy is kept."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from portal.demo.cast import PARTS
from tests.e2e.browser import Visitor, visitor
from tests.e2e.crawl import kinds_of_pages
from tests.e2e.portal_process import RunningPortal

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# These show each role something else; any other page is read with axe for the first role that reaches it.
DIFFERS_BY_ROLE = frozenset(
    {
        "home",
        "governance:approval",
        "governance:release",
        "governance:version",
        "governance:asset",
        "runs:run",
    }
)

CHART_PATIENCE = 20


def test_every_page_is_accessible_keeps_the_policy_and_fits_a_phone(
    browser: Browser, portal: RunningPortal
) -> None:
    found: list[str] = []
    read: set[str] = set()
    for part in PARTS:
        with visitor(browser, portal.url) as person:
            person.sign_in(part.email, portal.password)
            for kind, address in kinds_of_pages(person.page, portal.url):
                if kind not in read or kind in DIFFERS_BY_ROLE:
                    found += [f"{part.role.value}, {kind}: {words}" for words in _faults(person, address)]
                read.add(kind)
        found += person.complaints
    assert not found, "\n".join(found)
    assert {"runs:output", "governance:approval", "runs:start", "runs:dashboard", "admin:index"} <= read


def _faults(person: Visitor, address: str) -> Iterator[str]:
    """What is wrong with the open page: axe in both themes, then the width on a phone."""
    for theme in ("dark", "light"):
        person.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        person.page.wait_for_timeout(300)  # the admin's colours change gradually
        yield from (f"{theme}: {finding}" for finding in person.axe_findings())
    person.page.set_viewport_size({"width": 320, "height": 800})
    if (width := _settled_width(person)) > 320:
        yield f"{address} is {width} px wide on a screen of 320"
    person.page.set_viewport_size({"width": 1440, "height": 900})


def _settled_width(person: Visitor) -> int:
    """The width of the page's content; charts follow a new width a moment later."""
    width = 0
    for _ in range(CHART_PATIENCE):
        width = int(person.page.evaluate("document.documentElement.scrollWidth"))
        if width <= 320:
            break
        person.page.wait_for_timeout(250)
    return width
