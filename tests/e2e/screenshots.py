"""`make screenshots`: every page, in both themes, 1440 and 320 px wide, with an index page.

Pages that show each role something else are there for every role. Runs the demonstration in a folder of its
own; the pictures go to `var/screenshots/`.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import django
from django.template import Context, Engine
from playwright.sync_api import Browser

from portal.env import Environment
from tests.e2e.browser import CHROMIUM, Visitor, chromium, visitor
from tests.e2e.crawl import Crawl
from tests.e2e.portal_process import RunningPortal, demo_portal

ROLES = ("nobody", "auditor", "approver", "author", "operator", "owner")
THEMES = ("light", "dark")
WIDTHS = (1440, 320)
AREAS = ("home", "search", "runs", "governance", "account", "api", "admin")  # in the order of the index
INDEX = Path(__file__).with_name("screenshots.html")
CHARTS_SETTLE_MS = 250


@dataclass(frozen=True)
class Shot:
    """A page as one role sees it, and its pictures, one for each width and theme."""

    kind: str
    role: str
    title: str

    @property
    def area(self) -> str:
        """The part of the product it belongs to, by the name of its view."""
        return next((area for area in AREAS if self.kind.startswith(area)), "account")

    @property
    def pictures(self) -> list[tuple[int, str, str]]:
        """Width, theme and file name of each picture."""
        return [(width, theme, self.file(width, theme)) for width, theme in product(WIDTHS, THEMES)]

    def file(self, width: int, theme: str) -> str:
        """The file name of one picture."""
        words = f"{self.kind}-{self.role}-{theme}-{width}"
        return "".join(letter if letter.isalnum() or letter == "-" else "_" for letter in words) + ".png"


def main() -> None:
    """Photograph everything and write the index."""
    if CHROMIUM is None:
        raise SystemExit("No chromium on this machine: install Debian's package `chromium` first.")
    target = Environment().countersign_var / "screenshots"
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.png"):
        old.unlink()
    with (
        tempfile.TemporaryDirectory() as folder,
        demo_portal(Path(folder) / "var", limit=7) as portal,
        chromium() as browser,
    ):
        shots = list(photograph(browser, portal, target))
    (target / "index.html").write_text(index(shots), encoding="utf-8")
    sys.stdout.write(f"{len(shots) * 4} pictures of {len(shots)} pages; open {target / 'index.html'}\n")


def photograph(browser: Browser, portal: RunningPortal, target: Path) -> Iterator[Shot]:
    """One role after another, each page in both widths and themes while it is open."""
    crawl = Crawl(portal.url)
    for role in ROLES:
        with visitor(browser, portal.url) as person:
            if role != "nobody":
                person.sign_in(f"{role}@northwind.example", portal.password)
            for kind, address in crawl.pages(person.page):
                shot = Shot(kind, role, person.page.title().partition(" · ")[0])
                _take(person, shot, address, target)
                yield shot


def _take(person: Visitor, shot: Shot, address: str, target: Path) -> None:
    for width in WIDTHS:
        person.page.set_viewport_size({"width": width, "height": 900})
        person.page.goto(address)  # anew, as somebody with such a screen meets it
        person.page.wait_for_timeout(CHARTS_SETTLE_MS)
        for theme in THEMES:
            person.wear(theme)
            person.page.screenshot(path=target / shot.file(width, theme), full_page=True)


def index(shots: list[Shot]) -> str:
    """The page that shows them all, grouped by page, both themes side by side."""
    ordered = sorted(shots, key=lambda shot: (AREAS.index(shot.area), shot.kind))
    return str(Engine().from_string(INDEX.read_text(encoding="utf-8")).render(Context({"shots": ordered})))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    main()
