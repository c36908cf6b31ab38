"""Somebody at the browser."""

from collections.abc import Callable

import pytest
from django.test import Client

from governance.accounts.models import User

Browsing = Callable[[User], Client]


@pytest.fixture
def browsing() -> Browsing:
    """A browser in which this person is signed in; a failing view answers 500 instead of raising."""

    def signed_in(person: User) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(person)
        return client

    return signed_in
