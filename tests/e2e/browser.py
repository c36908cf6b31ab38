"""A real chromium: signing in, listening for what the content policy refuses, and reading pages with axe."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

PATIENCE_MS = 60_000  # the machine is shared: a slow answer is not a wrong one

PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of the machine; without a sandbox only where it cannot have one (as root)."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=QUIET, chromium_sandbox=os.geteuid() != 0
        )
        yield browser
        browser.close()


@dataclass
class Visitor:
    """One person at a browser of their own; collects every error that the console shows."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def sign_in(self, email: str, password: str) -> None:
        """Through the sign-in page, as anybody does."""
        self.page.goto(f"{self.url}/")
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(f"{self.url}/")

    def listen(self) -> None:
        """Note each error, each word of the content policy on the console, and each failed script."""
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))

    def wear(self, theme: str) -> None:
        """Show the open page in this theme, painted; pages follow the system's theme by themselves."""
        self.page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
        self.page.evaluate(PAINTED)

    def axe_findings(self, *rules: str) -> list[str]:
        """What axe finds on the page as it stands, one line a finding, with the first element concerned.

        By all of its rules, or only by those named. Without `preload`, which would insert style sheets that
        the policy rightly refuses.
        """
        options: dict[str, object] = {"preload": False, "resultTypes": ["violations"]}
        if rules:
            options["runOnly"] = list(rules)
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(Axe().axe_script)
        results = self.page.evaluate("options => axe.run(options)", options)
        return [
            f"{self.page.url}: {found['id']} ({found['impact']}): {found['nodes'][0]['html'][:160]}"
            for found in results["violations"]
        ]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")


@contextmanager
def visitor(browser: Browser, url: str, *, width: int = 1440, theme: str = "light") -> Iterator[Visitor]:
    """A new, empty browser profile of this width and preferred theme."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    found = Visitor(context.new_page(), url)
    found.listen()
    yield found
    context.close()
