"""Who asks, and what of an address may be trusted."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from governance.accounts.models import User


def actor_of(request: HttpRequest) -> User:
    """The signed-in person; the sign-in wall stands before every page, so there is always one."""
    if not isinstance(request.user, User):
        raise BadRequest("Sign in first.")
    return request.user


def uuid_or_none(text: str) -> UUID | None:
    """The identifier that the text is, if it is one."""
    try:
        return UUID(text)
    except ValueError:
        return None


def address(name: str, *arguments: Any, **query: str) -> str:
    """The path of a named page, or nothing while no page of that name is installed."""
    try:
        path = reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
    return f"{path}?{urlencode(query)}" if query else path
