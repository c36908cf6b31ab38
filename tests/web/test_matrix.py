"""Every URL, role, organisation and method, from the resolver, held against `expected.py`."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest

from governance.accounts.models import User
from portal.middleware import PUBLIC_NAMES
from portal.web.closed import CLOSED
from tests.visiting import visitor
from tests.web.asked import Asked
from tests.web.expected import ACCOUNT, API, PAGES, PUBLIC, SIGNED_IN, SIGNED_OUT, Row
from tests.web.routes import ASKED, Route, is_admin, routes
from tests.web.world import MISSING, World, undone

DECLARED: dict[str, Row] = {**PAGES, **API, **ACCOUNT}
METHODS = ("get", "post")
# What the address of a public route names.
NAMED_IN_PUBLIC = {
    "account_reset_password_from_key": {"uidb36": "x", "key": "y-z"},
    "hook": {"address": "no-such-webhook"},
}


def key(route: Route) -> str:
    """How the route is listed: by its name, or by name and pattern where two share the name."""
    return route.name if route.name in DECLARED or route.name in PUBLIC else f"{route.name} {route.pattern}"


LISTED = [route for route in routes() if key(route) in DECLARED]


def asked_about(route: Route) -> Asked:
    """The object and the body to ask with."""
    return ASKED.get(key(route)) or ASKED.get(route.name) or Asked()


def somebody(world: World, part: str) -> User | None:
    """The player of a part; `rival` owns the other organisation."""
    if part == "anonymous":
        return None
    return world.rival.owner if part == "rival" else world.northwind.person(part)


def ask(person: User | None, method: str, url: str, body: dict[str, Any]) -> Any:
    """The answer to one request of a browser that has signed in."""
    client = visitor(person)
    if method == "get":
        return client.get(url)
    if url.startswith("/api/"):
        key = {"Idempotency-Key": uuid4().hex}
        return client.post(url, json.dumps(body), content_type="application/json", headers=key)
    return client.post(url, body)


def address(route: Route, world: World) -> str:
    return asked_about(route).url(route.name, world)


def body_of(route: Route, world: World) -> dict[str, Any]:
    return asked_about(route).body(world)


def test_every_route_is_listed_and_every_listed_one_exists() -> None:
    found = {key(route) for route in routes() if not is_admin(route) and not is_closed(route)}

    assert found == set(DECLARED) | set(PUBLIC)


def is_closed(route: Route) -> bool:
    """Addresses of libraries that lead nowhere here."""
    return route.pattern in {str(shut.pattern) for shut in CLOSED} and route.name == route.pattern


def test_what_is_closed_is_not_there_for_anybody(world: World) -> None:
    with undone():
        for person in (world.northwind.owner, world.northwind.author):
            for shut in CLOSED:
                place = re.sub(r"<[^>]+>", "x", str(shut.pattern))
                assert ask(person, "get", f"/{place}", {}).status_code == 404, place


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("route", LISTED, ids=key)
def test_each_route_answers_each_role_as_declared(route: Route, method: str, world: World) -> None:
    expected = DECLARED[key(route)].answers(method)
    found = {}
    for part in SIGNED_IN:
        with undone():
            person, url = somebody(world, part), address(route, world)
            found[part] = ask(person, method, url, body_of(route, world)).status_code

    assert found == expected


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("part", SIGNED_OUT)
@pytest.mark.parametrize("route", LISTED, ids=key)
def test_who_is_not_signed_in_gets_nowhere(route: Route, part: str, method: str, world: World) -> None:
    with undone():
        url = address(route, world)
        answer = ask(somebody(world, part), method, url, body_of(route, world))

    if route.name in API:
        assert answer.status_code == 401
        assert answer.headers["Content-Type"] == "application/problem+json"
    else:
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/account/login/?next=")


@pytest.mark.parametrize(("name", "answers"), PUBLIC.items(), ids=list(PUBLIC))
def test_the_public_routes_are_these(name: str, answers: tuple[int, int], world: World) -> None:
    url = Asked(more=lambda _: NAMED_IN_PUBLIC.get(name, {})).url(name, world)

    with undone():
        found = tuple(ask(None, method, url, {}).status_code for method in METHODS)
    assert found == answers


def test_the_wall_lets_through_the_public_routes_alone() -> None:
    assert frozenset(PUBLIC) == PUBLIC_NAMES


ABOUT_A_ROW = [route for route in LISTED if asked_about(route).pk is not None]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("route", ABOUT_A_ROW, ids=key)
def test_a_foreign_row_answers_exactly_as_one_that_does_not_exist(
    route: Route, method: str, world: World
) -> None:
    """Same status and same body, so that nobody learns by asking what another organisation has."""
    found = asked_about(route)
    with undone():
        body = body_of(route, world)
        foreign = ask(world.rival.owner, method, found.url(route.name, world), body)
        missing = ask(world.rival.owner, method, found.url(route.name, world, pk=MISSING), body)

    assert foreign.status_code == missing.status_code
    assert without_request_id(foreign) == without_request_id(missing)


def without_request_id(answer: Any) -> bytes:
    """The body, but for what names the single request and its address."""
    body = answer.content.replace(answer.headers["X-Request-ID"].encode(), b"-")
    csrf = getattr(answer, "context", None) and answer.context.get("csrf_token")
    if csrf:
        body = body.replace(str(csrf).encode(), b"-")
    return bytes(body).replace(answer.request["PATH_INFO"].encode(), b"-")


@pytest.mark.parametrize("part", ["stranger", "rival"])
@pytest.mark.parametrize("route", [route for route in LISTED if route not in ABOUT_A_ROW], ids=key)
def test_lists_searches_and_figures_show_outsiders_nothing_of_the_bank(
    route: Route, part: str, world: World
) -> None:
    with undone():
        answer = ask(somebody(world, part), "get", address(route, world), {})

    text = answer.content.decode()
    for secret in (
        world.workflow.slug,
        world.done.reference,
        str(world.done.pk),
        str(world.northwind.project.pk),
        "in this letter",
        "Northwind Bank" if part == "rival" else "Complaints",
    ):
        assert secret not in text


def test_those_who_belong_there_do_find_it(world: World) -> None:
    """The other half of the test above: what outsiders must not read can be read at all."""
    search = next(route for route in LISTED if route.name == "search")
    with undone():
        answer = ask(world.northwind.auditor, "get", address(search, world), {})

    assert "in this letter" in answer.content.decode()
    assert str(world.done.pk) in answer.content.decode()
