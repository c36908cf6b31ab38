"""What the scripts promise to people at a keyboard, and to whoever drops a file on the search box."""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from governance.access.permissions import Role
from portal.demo.cast import PARTS
from tests.e2e.browser import Visitor, visitor
from tests.e2e.portal_process import RunningPortal
from tests.e2e.revealing import reveal

pytestmark = pytest.mark.browser
EMAIL = {part.role: part.email for part in PARTS}
LETTER = "CASE-88202"


@contextmanager
def as_role(browser: Browser, portal: RunningPortal, role: Role) -> Iterator[Visitor]:
    """Somebody of the demonstration, signed in; their console must stay silent."""
    with visitor(browser, portal.url) as found:
        found.sign_in(EMAIL[role], portal.password)
        yield found
        assert found.complaints == []


@contextmanager
def standing_worker(portal: RunningPortal) -> Iterator[None]:
    """The worker's processes held still, so that a new run stays where it is."""
    family = psutil.Process(portal.pid).children(recursive=True)
    workers = [found for found in family if {"worker", "--pool"} <= set(found.cmdline())]
    assert workers
    for found in workers:
        found.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for found in workers:
            found.send_signal(signal.SIGCONT)


def start_a_run(page: Page, url: str) -> None:
    page.goto(f"{url}/runs/start/")
    page.get_by_role("link", name="Start complaint-handling…").click()
    page.locator("main textarea").first.fill(
        "Dear Sirs, my card was charged twice on 3 November. Please help."
    )
    page.get_by_role("button", name="Start the run").click()


def open_a_finished_run(page: Page, url: str) -> None:
    page.goto(f"{url}/runs/?state=succeeded&reference={LETTER}")
    page.locator("tbody tr", has_text="complaint-handling").last.get_by_role("link").first.click()


def test_the_focus_stays_where_it_is_while_the_page_of_a_run_keeps_itself_fresh(
    browser: Browser, portal: RunningPortal
) -> None:
    with as_role(browser, portal, Role.OPERATOR) as operator, standing_worker(portal):
        page = operator.page
        start_a_run(page, portal.url)
        cancel = page.get_by_role("button", name="Cancel")
        cancel.focus()
        for _ in range(2):
            page.wait_for_event("requestfinished", lambda asked: asked.url.endswith("/progress/"))
            expect(cancel).to_be_focused()
        marked = page.evaluate_handle("() => document.getElementById('progress')")
        page.wait_for_event("requestfinished", lambda asked: asked.url.endswith("/progress/"))
        page.wait_for_timeout(200)
        assert marked.evaluate("element => element.isConnected"), "the same answer was swapped in again"
        cancel.press("Enter")
        page.get_by_role("textbox", name="Reason").fill("Only looking.")
        page.get_by_role("button", name="Cancel the run").click()
        expect(page.locator("#run-state")).to_have_text("Cancelled")


def test_keys_search_lead_and_help_and_can_be_switched_off(browser: Browser, portal: RunningPortal) -> None:
    with as_role(browser, portal, Role.AUDITOR) as auditor:
        page = auditor.page
        page.keyboard.press("/")
        expect(page.get_by_role("searchbox").first).to_be_focused()
        page.get_by_role("searchbox").first.blur()
        page.keyboard.press("g")
        page.keyboard.press("r")
        page.wait_for_url(f"{portal.url}/runs/")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        expect(page.locator("tbody tr").first.get_by_role("link").first).to_be_focused()
        page.keyboard.press("?")
        help_sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
        expect(help_sheet).to_be_visible()
        page.get_by_label("Use keyboard shortcuts in this browser").uncheck()
        page.keyboard.press("Escape")
        expect(help_sheet).to_be_hidden()
        page.keyboard.press("g")
        page.keyboard.press("h")
        page.keyboard.press("?")
        expect(help_sheet).to_be_hidden()
        assert page.url == f"{portal.url}/runs/"


def test_a_file_on_the_search_box_leads_to_whatever_it_was_an_input_of(
    browser: Browser, portal: RunningPortal, tmp_path: Path
) -> None:
    with as_role(browser, portal, Role.AUDITOR) as auditor:
        page = auditor.page
        open_a_finished_run(page, portal.url)
        page.locator("#inputs").get_by_role("link").first.click()
        reveal(auditor, "main")
        with page.expect_download() as awaited:
            page.get_by_role("link", name="Download").click()
        letter = tmp_path / "found on my disk.txt"
        awaited.value.save_as(letter)

        page.goto(f"{portal.url}/")
        page.locator("[data-find-file]").first.set_input_files(letter)

        page.wait_for_url(re.compile("/search/|/artifacts/|/outputs/|/runs/"))
        expect(page.locator("main")).to_contain_text(re.compile("CASE-"))


def test_the_theme_is_kept_from_page_to_page(browser: Browser, portal: RunningPortal) -> None:
    with as_role(browser, portal, Role.AUDITOR) as auditor:
        page = auditor.page
        document = page.locator("html")
        expect(document).to_have_attribute("data-bs-theme", "light")
        choice = page.get_by_role("button", name=re.compile("theme", re.I))
        choice.click()  # from the system's to light
        choice.click()
        expect(document).to_have_attribute("data-bs-theme", "dark")
        page.goto(f"{portal.url}/runs/")
        expect(document).to_have_attribute("data-bs-theme", "dark")


def test_printed_the_page_is_the_proof_and_nothing_else(browser: Browser, portal: RunningPortal) -> None:
    with as_role(browser, portal, Role.AUDITOR) as auditor:
        page = auditor.page
        open_a_finished_run(page, portal.url)
        page.get_by_role("link", name="Trace the output").click()
        reveal(auditor, "#origins")
        page.emulate_media(media="print")
        expect(page.locator(".rail")).to_be_hidden()
        expect(page.get_by_role("searchbox").first).to_be_hidden()
        expect(page.locator("dl.strip").first).to_be_visible()
        expect(page.get_by_role("heading", name="Proof")).to_be_visible()
        # A browser unfolds what it prints, and the letter that was handed in has the card number.
        expect(page.get_by_text("Its text is not printed here")).to_be_visible()
        expect(page.locator("#origins details")).to_be_hidden()


def test_where_two_runs_part_is_reached_by_keys(browser: Browser, portal: RunningPortal) -> None:
    with as_role(browser, portal, Role.AUDITOR) as auditor:
        page = auditor.page
        page.goto(f"{portal.url}/runs/?state=succeeded")
        rows = page.locator("tbody tr", has_text="complaint-handling")
        left, right = (rows.nth(at).get_by_role("link").first.get_attribute("href") for at in (0, 1))
        page.goto(f"{portal.url}{left}compare/{str(right).rstrip('/').rpartition('/')[2]}/")
        go = page.get_by_role("link", name=re.compile("^Go to "))
        node = go.inner_text().removeprefix("Go to ")

        go.press("Enter")

        expect(page).to_have_url(re.compile(f"#at-{node}$"))
        expect(page.locator(f"#at-{node}")).to_be_in_viewport()


def test_who_peeks_is_at_the_panel_and_back_where_they_were_when_it_closes(
    browser: Browser, portal: RunningPortal
) -> None:
    with as_role(browser, portal, Role.AUDITOR) as auditor:
        page = auditor.page
        page.goto(f"{portal.url}/runs/")
        peek = page.get_by_role("link", name=re.compile("^Peek at ")).nth(2)
        name = peek.get_attribute("aria-label")
        peek.press("Enter")
        page.wait_for_url(re.compile("#peek$"))
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Close the panel")).to_be_focused()
        page.keyboard.press("Escape")
        page.wait_for_url(re.compile("#peek-at-"))
        expect(page.get_by_role("link", name=name)).to_be_focused()


def test_going_back_to_what_was_remembered_needs_no_mouse(browser: Browser, portal: RunningPortal) -> None:
    with as_role(browser, portal, Role.OPERATOR) as operator:
        page = operator.page
        page.goto(f"{portal.url}/memory/?namespace=customers")
        page.locator("tbody tr").first.get_by_role("link").first.press("Enter")
        mistaken = page.locator("#versions tbody tr").nth(1)  # the newest says once more what the first did
        mistaken.get_by_role("link").first.press("Enter")
        page.get_by_role("button", name="Go back to it").first.press("Enter")
        page.keyboard.type("It was right before.")
        page.keyboard.press("Enter")
        expect(page.locator(".head")).to_contain_text("Holds now")
        expect(page.locator("#value")).to_contain_text("It was right before.")
