"""Who asks, and what of an address may be trusted."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpRequest, QueryDict
from django.urls import NoReverseMatch, reverse

from governance.accounts.models import User


def actor_of(request: HttpRequest) -> User:
    """The signed-in person; the sign-in wall stands before every page, so there is always one."""
    if not isinstance(request.user, User):
        raise BadRequest("Sign in first.")
    return request.user


def posted(request: HttpRequest) -> QueryDict | None:
    """What was posted, though it be empty; nothing for a request that only looks."""
    return request.POST if request.method == "POST" else None


def uuid_or_none(text: str) -> UUID | None:
    """The identifier that the text is, if it is one."""
    try:
        return UUID(text)
    except ValueError:
        return None


def refuse_unknown(query: QueryDict, *names: str) -> None:
    """Raise `BadRequest` when the address asks for anything but these names and a page.

    An ignored filter would show more than was asked for, and look like an answer.
    """
    for name in query:
        if name not in {*names, "after", "before"}:
            raise BadRequest(f"“{name[:60]}” is no filter of this page.")


def chosen_uuid(query: QueryDict, name: str) -> UUID | None:
    """The identifier that the address names, if any. Raises `BadRequest` for what is none."""
    text = query.get(name, "")
    found = uuid_or_none(text) if text else None
    if text and found is None:
        raise BadRequest(f"“{name}” is no identifier.")
    return found


def chosen(query: QueryDict, name: str, choices: Iterable[str], default: str = "") -> str:
    """The one of these choices that the address names. Raises `BadRequest` for any other."""
    found = query.get(name) or default
    if found not in {*choices, default}:
        raise BadRequest(f"“{found[:60]}” is no choice of “{name}”.")
    return found


def address(name: str, *arguments: Any, **query: str) -> str:
    """The path of a named page, or nothing while no page of that name is installed."""
    try:
        path = reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
    return f"{path}?{urlencode(query)}" if query else path
