"""Visiting the portal as somebody, over HTTP as far as Django's own client goes."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from governance.accounts.models import User
from tests.factories.cast import PASSWORD

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
Browsing = Callable[[User], Client]


def visitor(person: User | None = None, **options: Any) -> Client:
    """A browser, signed in as the person; errors of ours come back as the page that people would see."""
    client = Client(raise_request_exception=False, **options)
    if person is not None:
        client.force_login(person, backend=BACKEND)
    return client


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    """Use the sign-in page."""
    return client.post("/account/login/", {"login": email, "password": password, **more})
