"""From an HTTP call's declaration and its values to one request, which stays at its endpoint. Pure."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlencode

import httpx
import orjson

from governance.catalog.calls import HttpCall
from runs.artifacts.store import as_text
from runs.durable.failures import StepFailed
from runs.providers.endpoints import Endpoint
from runs.providers.wire import Request

PLACE = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")
IN_QUERY = frozenset({"GET", "DELETE"})
LONGEST_URL = 8_000
LARGEST_BODY = 4_000_000


def request_of(call: HttpCall, values: Mapping[str, Any], at: Endpoint, *, key: str) -> Request:
    """The request: what the path names goes there, all else into the query (GET, DELETE) or a JSON body.

    Raises `StepFailed` when a value cannot stand in the path, or the request would leave the endpoint.
    """
    given = {**call.settings, **values}
    named = set(PLACE.findall(call.path))
    rest = {name: value for name, value in given.items() if name not in named}
    url = at.base_url + _path(call.path, given)
    headers = {**at.headers, "Accept": "application/json, text/plain", "Idempotency-Key": key}
    body = None
    if call.method in IN_QUERY:
        query = urlencode({name: as_text(value) for name, value in rest.items() if value is not None})
        url = f"{url}?{query}" if query else url
    else:
        body = orjson.dumps(rest, option=orjson.OPT_SORT_KEYS)
        headers["Content-Type"] = "application/json"
    _check(url, body, at)
    return Request(call.method, at.base_url, url, headers, body)


def _path(template: str, given: Mapping[str, Any]) -> str:
    path = PLACE.sub(lambda place: _segment(place[1], given), template)
    if any(character in path for character in "{}?#\\") or path.startswith("//"):
        raise _refused(
            f"The path of “{template[:200]}” has a character that a path may not have, or an unknown place."
        )
    if any(unquote(segment) in {".", ".."} for segment in path.split("/")):
        raise _refused(f"The path of “{template[:200]}” leads upwards.")
    return path


def _segment(name: str, given: Mapping[str, Any]) -> str:
    value = given.get(name)
    if isinstance(value, dict | list | None) or as_text(value) == "":
        raise _refused(f"“{name}” stands in the path, but its value is empty, a list or an object.")
    return quote(as_text(value), safe="")


def _check(url: str, body: bytes | None, at: Endpoint) -> None:
    if len(url) > LONGEST_URL or len(body or b"") > LARGEST_BODY:
        raise _refused(
            f"It has more than {LONGEST_URL:,} characters, or a body of over {LARGEST_BODY:,} bytes."
        )
    asked, base = httpx.URL(url), httpx.URL(at.base_url)
    if (asked.scheme, asked.host, asked.port) != (base.scheme, base.host, base.port):
        raise _refused("It would go to another host than the endpoint's.")


def _refused(detail: str) -> StepFailed:
    advice = "Nothing was sent. Correct the workflow, or what it is given."
    return StepFailed("request_refused", "The request cannot be sent", f"{detail} {advice}", final=True)
