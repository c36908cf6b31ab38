"""The page of a run in each state in which it can stand still: axe, the policy, both themes, a phone."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.fixtures import Settings

from runs.durable.drive import drive
from runs.records.models import Run
from tests.e2e.browser import Visitor, visitor
from tests.factories import cast
from tests.factories.cast import Company
from tests.factories.standing import STANDING, in_parts
from tests.harness.fresh import FreshDatabase

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OF_COLOUR = ("color-contrast", "link-in-text-block")  # what axe can find in one theme alone
PHONE, LAPTOP = 320, 1440


@pytest.fixture
def address(fresh_database: FreshDatabase, settings: Settings) -> Iterator[str]:
    """The portal of this process, at an address of its own."""
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


def test_the_page_of_a_run_can_be_read_by_everybody_in_every_state(
    browser: Browser, address: str, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEEDED_FILE", "/nowhere")
    runs = {made.__name__: made(northwind) for made in STANDING}
    runs["half_done"] = half_done(northwind)
    runs["a_slice"] = runs["half_done"].parts.order_by("id")[1]
    found: list[str] = []
    with visitor(browser, address, width=LAPTOP) as operator:
        operator.sign_in(northwind.operator.email, cast.PASSWORD)
        for name, run in runs.items():
            operator.page.goto(address + reverse("runs:run", args=[run.pk]))
            found += [f"{name}, {words}" for words in _faults(operator, name)]
        operator.page.goto(f"{address}{reverse('runs:list')}?part_of={runs['half_done'].pk}")
        found += [f"its slices, {words}" for words in _faults(operator, "slices")]
        found += operator.complaints
    assert not found, "\n".join(found)


def half_done(company: Company) -> Run:
    """A map of nine items, four of them done, one of them refused."""
    run = in_parts(company, items=9, at_once=3, function="picky@1", settings={"refuses": " 4"})
    for part in run.parts.order_by("id")[:2]:
        drive(part.pk, worker="test")
    drive(run.pk, worker="test")
    return run


def _faults(person: Visitor, name: str) -> Iterator[str]:
    """What is wrong with the open page: axe in both themes and in each dialog, the width on a phone."""
    person.wear("dark")
    yield from (f"dark: {finding}" for finding in person.axe_findings(*OF_COLOUR))
    _photographed(person, f"{name}-dark")
    person.wear("light")
    yield from (f"light: {finding}" for finding in person.axe_findings())
    _photographed(person, name)
    for opener in person.page.locator("#run-actions [data-opens]").all():
        opener.click()
        yield from (f"dialog: {finding}" for finding in person.axe_findings())
        person.page.keyboard.press("Escape")
    person.page.set_viewport_size({"width": PHONE, "height": 800})
    wide = person.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        yield f"at {PHONE} px it is {wide} px too wide"
    _photographed(person, f"{name}-phone")
    person.page.set_viewport_size({"width": LAPTOP, "height": 900})


def _photographed(person: Visitor, name: str) -> None:
    """Kept for whoever names a folder for it."""
    if folder := os.environ.get("PHOTOGRAPHS"):
        person.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
