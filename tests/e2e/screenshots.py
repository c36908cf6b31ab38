"""`make screenshots`: every page for three roles, in both themes, 1440 and 320 px wide, with an index page.

Runs the demonstration in a folder of its own; the pictures go to `var/screenshots/`.
"""

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
from tests.e2e.browser import CHROMIUM, chromium, visitor
from tests.e2e.crawl import kinds_of_pages
from tests.e2e.portal_process import RunningPortal, demo_portal

ROLES = ("auditor", "approver", "owner")
THEMES = ("light", "dark")
WIDTHS = (1440, 320)
INDEX = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Screenshots</title>
<style>body{font:14px sans-serif;margin:2rem}section{display:flex;flex-wrap:wrap;gap:1rem}
img{max-width:22rem;max-height:30rem;border:1px solid #ccc}figure{margin:0}</style>
{% regroup shots by kind as pages %}{% for page in pages %}<h2>{{ page.grouper }}</h2><section>
{% for shot in page.list %}<figure>
<a href="{{ shot.file }}"><img loading="lazy" src="{{ shot.file }}" alt=""></a>
<figcaption>{{ shot.role }}, {{ shot.theme }}, {{ shot.width }} px</figcaption></figure>{% endfor %}
</section>{% endfor %}</html>"""


@dataclass(frozen=True)
class Shot:
    """One picture and what it shows."""

    kind: str
    role: str
    theme: str
    width: int

    @property
    def file(self) -> str:
        """Its file name."""
        words = f"{self.kind}-{self.role}-{self.theme}-{self.width}"
        return "".join(letter if letter.isalnum() or letter == "-" else "_" for letter in words) + ".png"


def main() -> None:
    """Photograph everything and write the index."""
    if CHROMIUM is None:
        raise SystemExit("No chromium on this machine: install Debian's package `chromium` first.")
    target = Environment().countersign_var / "screenshots"
    target.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        demo_portal(Path(folder) / "var", limit=6) as portal,
        chromium() as browser,
    ):
        shots = [
            shot
            for role, theme, width in product(ROLES, THEMES, WIDTHS)
            for shot in photograph(browser, portal, target, role=role, theme=theme, width=width)
        ]
    shots.sort(key=lambda shot: shot.kind)
    page = Engine().from_string(INDEX).render(Context({"shots": shots}))
    (target / "index.html").write_text(page, encoding="utf-8")
    sys.stdout.write(f"{len(shots)} pictures; open {target / 'index.html'}\n")


def photograph(
    browser: Browser, portal: RunningPortal, target: Path, *, role: str, theme: str, width: int
) -> Iterator[Shot]:
    """One person's pages in one theme and width."""
    with visitor(browser, portal.url, width=width, theme=theme) as person:
        person.sign_in(f"{role}@northwind.example", portal.password)
        for kind, _ in kinds_of_pages(person.page, portal.url):
            shot = Shot(kind, role, theme, width)
            person.page.screenshot(path=target / shot.file, full_page=True)
            yield shot


if __name__ == "__main__":
    django.setup()
    main()
