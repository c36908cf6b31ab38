"""Calling the API as somebody: by a token, as a program does, or by the session of a browser."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.test import Client

from governance.access.permissions import Scope
from governance.access.tokens import create_token
from governance.accounts.models import Project, User
from tests.factories.cast import Company
from tests.visiting import visitor

ROOT = "/api/v1/"
PROBLEM = "application/problem+json"


class Caller:
    """Somebody with a client; `secret` is the token, when they call by one."""

    def __init__(self, client: Client, secret: str = "") -> None:
        self.client = client
        self.secret = secret

    @property
    def headers(self) -> dict[str, str]:
        """What identifies the caller."""
        return {"Authorization": f"Bearer {self.secret}"} if self.secret else {}

    def get(self, place: str, *, headers: Any = None, **query: object) -> Any:
        """GET an address under /api/v1/, or a whole one as `Location` and `next` give them."""
        url = place if place.startswith(("/", "http")) else f"{ROOT}{place}"
        asked = f"{url}?{urlencode(query)}" if query else url
        return self.client.get(asked, headers={**self.headers, **(headers or {})})

    def post(
        self,
        place: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> Any:
        """POST a value as JSON, or bytes as they are, or nothing."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {**self.headers, **(headers or {})}
        return self.client.post(f"{ROOT}{place}", raw, content_type=content_type, headers=sent)


def by_token(
    person: User,
    company: Company,
    *,
    scopes: frozenset[Scope] = frozenset(Scope),
    project: Project | None = None,
) -> Caller:
    """Whoever calls with a token of theirs, of every scope unless told otherwise."""
    _, secret = create_token(
        person,
        actor=person,
        organisation=company.organisation,
        name="for the test",
        scopes=scopes,
        life=timedelta(hours=1),
        project=project,
    )
    return Caller(Client(), secret)


def by_session(person: User, *, checks: bool = False) -> Caller:
    """Whoever is signed in at the browser; with `checks`, CSRF is enforced as it is there."""
    return Caller(visitor(person, enforce_csrf_checks=checks))


def nobody() -> Caller:
    """Whoever does not say who they are."""
    return Caller(Client())


def problem_of(answer: Any, status: int) -> dict[str, Any]:
    """The problem document of an answer, once it is known to be a good one of this status."""
    assert answer.status_code == status, answer.content[:500]
    assert answer.headers["Content-Type"] == PROBLEM
    found: dict[str, Any] = answer.json()
    assert found["status"] == status
    assert found["instance"].endswith(answer.headers["X-Request-ID"])
    assert {"type", "title", "detail"} <= set(found)
    return found


def fields_of(answer: Any, status: int = 400) -> set[str]:
    """The fields that a problem names."""
    return {error["field"] for error in problem_of(answer, status)["errors"]}
