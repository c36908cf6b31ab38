"""Every link on every page of each person leads somewhere that this person may open."""

import re
from collections import Counter, deque
from html import unescape
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.urls import Resolver404, resolve

from governance.access.permissions import AssetPermission
from governance.accounts.models import User
from governance.catalog.models import Asset
from governance.catalog.sharing import share_asset
from governance.releases.services import activate, roll_back
from tests.visiting import visitor
from tests.web.world import World, undone

HREF = re.compile(r'<a\b[^>]*?\shref="([^"]*)"')
ENOUGH = 2  # links from one kind of page to another that are followed; all of them would be thousands
PARTS = ("author", "approver", "operator", "auditor", "owner", "stranger")


def dead_links(person: User) -> list[str]:
    """What does not open, each with the page that it stands on."""
    client, dead = visitor(person), []
    seen, followed = {"/"}, Counter[tuple[str, str]]()
    waiting = deque([("/", "nowhere")])
    while waiting:
        address, page = waiting.popleft()
        answer = client.get(address)
        if answer.status_code >= 400:
            dead.append(f"{address} ({answer.status_code}) on {page}")
        if "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        for found in HREF.findall(answer.content.decode()):
            link = urldefrag(urljoin(address, unescape(found)))[0]
            way = (kind_of(address), kind_of(link))
            if way[1] and link not in seen and followed[way] < ENOUGH:
                seen.add(link)
                followed[way] += 1
                waiting.append((link, address))
    assert len(seen) > len(followed) > 1
    return dead


def kind_of(link: str) -> str:
    """The view behind a link; nothing for what leads out of the portal. The admin has tests of its own."""
    parts = urlsplit(link)
    if parts.netloc:
        return ""
    try:
        return resolve(parts.path).view_name.replace("admin:", "admin::").partition("::")[0]
    except Resolver404:
        return parts.path


@pytest.mark.parametrize("part", PARTS)
def test_no_link_is_dead_for_who_belongs_there(world: World, part: str) -> None:
    with undone():
        activate(world.approved, actor=world.northwind.operator, reason="Tried out.")
        roll_back(world.earlier, actor=world.northwind.operator, reason="a test")
        assert dead_links(world.northwind.person(part)) == []


def test_no_link_is_dead_for_whom_single_assets_are_shared_with(world: World) -> None:
    """They read prompts, models and workflows of a project that they do not reach."""
    reader = world.northwind.person("stranger")
    with undone():
        for asset in Asset.objects.filter(project=world.northwind.project):
            share_asset(
                asset,
                actor=world.northwind.owner,
                permission=AssetPermission.AUTHOR,
                to=reader,
                reason="a test",
            )
        assert dead_links(reader) == []
