"""`make screenshots`: every page as auditor, approver and owner, in both themes, 1440 and 320 px wide, with an index."""

import html
import tempfile
from dataclasses import dataclass
from pathlib import Path

import django
from playwright.sync_api import Browser

from portal.env import ROOT, Environment

WIDTHS = (1440, 320)
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Shot:
    """One picture and what it shows."""

    role: str
    kind: str
    theme: str
    width: int
    file: str


def main() -> None:
    """Run the demonstration in a folder of its own and photograph it into `var/screenshots/`."""
    from governance.access.permissions import Role
    from tests.e2e.browser import CHROMIUM, chromium
    from tests.e2e.portal_process import RunningPortal, demo_portal

    if CHROMIUM is None:
        raise SystemExit("No chromium on this machine: install Debian's package `chromium` first.")
    target = Environment().countersign_var / "screenshots"
    target.mkdir(parents=True, exist_ok=True)
    shots: list[Shot] = []
    with tempfile.TemporaryDirectory() as folder, demo_portal(Path(folder) / "var", limit=6) as running:
        portal: RunningPortal = running
        with chromium() as browser:
            for role in (Role.AUDITOR, Role.APPROVER, Role.OWNER):
                for theme in THEMES:
                    for width in WIDTHS:
                        shots += photograph(browser, portal, role, theme, width, target)
    (target / "index.html").write_text(index(shots), encoding="utf-8")
    print(f"{len(shots)} pictures: {(target / 'index.html').relative_to(ROOT)}")


def photograph(browser: Browser, portal, role, theme: str, width: int, target: Path) -> list[Shot]:  # type: ignore[no-untyped-def]
    """One person's pages in one theme and width."""
    from portal.demo.cast import PARTS
    from tests.e2e.browser import visitor
    from tests.e2e.crawl import kinds_of_pages

    email = {part.role: part.email for part in PARTS}[role]
    shots = []
    with visitor(browser, portal.url, width=width, theme=theme) as person:
        person.sign_in(email, portal.password)
        for kind, _ in kinds_of_pages(person.page, portal.url):
            name = (
                f"{role.value}-{kind}-{theme}-{width}".replace(" ", "_").replace(":", "_").replace("/", "_")
                + ".png"
            )
            person.page.screenshot(path=target / name, full_page=True)
            shots.append(Shot(role.value, kind, theme, width, name))
    return shots


def index(shots: list[Shot]) -> str:
    """A page that shows every picture under its page's name."""
    rows = []
    for kind in sorted({shot.kind for shot in shots}):
        rows.append(f"<h2>{html.escape(kind)}</h2><div>")
        rows += [
            f'<figure><a href="{html.escape(shot.file)}"><img loading="lazy" src="{html.escape(shot.file)}" alt=""></a>'
            f"<figcaption>{shot.role}, {shot.theme}, {shot.width} px</figcaption></figure>"
            for shot in shots
            if shot.kind == kind
        ]
        rows.append("</div>")
    style = "body{font:14px sans-serif;margin:2rem}div{display:flex;flex-wrap:wrap;gap:1rem}img{max-width:22rem;border:1px solid #ccc}figure{margin:0}"
    return f'<!doctype html><meta charset="utf-8"><title>Screenshots</title><style>{style}</style>{"".join(rows)}'


if __name__ == "__main__":
    django.setup()
    main()
