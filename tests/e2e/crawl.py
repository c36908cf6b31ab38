"""Every page that a person can reach by following links, one address for each kind of page."""

from collections import deque
from collections.abc import Iterator
from urllib.parse import urldefrag, urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Page

NOT_PAGES = ("account_logout", "artifact", "schema")
OF_DJANGO = "_history"  # the admin's own history pages: one template of Django, a dozen models


def kinds_of_pages(page: Page, base: str) -> Iterator[tuple[str, str]]:
    """Visit one page of each kind, starting at home; yields (kind, address) with the page open on it."""
    seen: set[str] = set()
    waiting = deque([f"{base}/"])
    while waiting:
        address = waiting.popleft()
        kind = _kind(address, base)
        if kind is None or kind in seen:
            continue
        seen.add(kind)
        page.goto(address)
        yield kind, address
        links = page.eval_on_selector_all(
            "a[href]", "links => links.map(link => new URL(link.getAttribute('href'), document.baseURI).href)"
        )
        waiting.extend(urldefrag(link)[0] for link in links)


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
