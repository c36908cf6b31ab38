"""Every page that people can reach by following links, one address for each kind of page."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urldefrag, urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Page

DOWNLOADS = ("access-export", "event-proof", "evidence-policy", "evidence-verifier", "recall-export")
NOT_PAGES = ("account_logout", "artifact", "schema", *DOWNLOADS)
OF_DJANGO = "_history"  # the admin's own history pages: one template of Django, a dozen models

# These show each role something else; any other page looks the same to whoever may see it.
DIFFERS_BY_ROLE = frozenset(
    {
        "home",
        "governance:approval",
        "governance:release",
        "governance:version",
        "governance:asset",
        "runs:run",
        "runs:task",
    }
)

# Each of these leads to other kinds of pages: only a run that was forked, to a comparison.
LEADS_ON = frozenset({"runs:run"})
MOST_READ = 30

LINKS_IN_PAGE = """() => [...document.querySelectorAll("a[href]")].map(
    link => new URL(link.getAttribute("href"), document.baseURI).href
)"""
LINKS_BEHIND = """async address => {
    const answer = await fetch(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const links = [...page.querySelectorAll("a[href]")].map(link => link.getAttribute("href"));
    return links.map(link => new URL(link, answer.url).href);
}"""


@dataclass
class Crawl:
    """Walks an installation as one person after another; remembers the kinds of pages that were open."""

    base: str
    opened: set[str] = field(default_factory=set)

    def pages(self, page: Page) -> Iterator[tuple[str, str]]:
        """Yield (kind, address) with the page open on it, starting at home, one page of each kind.

        A page that somebody before saw, and that looks the same to everybody, is only read for its links.
        """
        seen: set[str] = set()
        read: set[str] = set()
        waiting = deque([f"{self.base}/"])
        while waiting:
            address = waiting.popleft()
            kind = _kind(address, self.base)
            if kind is None or kind in seen:
                if kind in LEADS_ON and address not in read and len(read) < MOST_READ:
                    read.add(address)
                    waiting.extend(urldefrag(link)[0] for link in page.evaluate(LINKS_BEHIND, address))
                continue
            seen.add(kind)
            if kind in self.opened - DIFFERS_BY_ROLE:
                links = page.evaluate(LINKS_BEHIND, address)
            else:
                page.goto(address)
                shown = _kind(page.url, self.base)
                if shown is None or (shown != kind and shown in seen | self.opened):
                    continue  # led on to a page that has its turn already
                seen.add(shown)
                self.opened.add(shown)
                links = page.evaluate(LINKS_IN_PAGE)
                yield shown, page.url
            waiting.extend(urldefrag(link)[0] for link in links)


@cache
def _kind(address: str, base: str) -> str | None:
    """The name of the view behind the address, or nothing for what is not a page of ours."""
    if not address.startswith(f"{base}/"):
        return None
    path = urlsplit(address).path
    try:
        match = resolve(path)
    except Resolver404:
        return None
    name = match.view_name or path
    if (
        path.startswith(("/api/v1/", "/static/"))
        or name.rsplit(":", 1)[-1] in NOT_PAGES
        or name.endswith(OF_DJANGO)
    ):
        return None
    return f"{name}{sorted(match.kwargs)}" if "pk" not in match.kwargs and match.kwargs else name
