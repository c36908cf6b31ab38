"""The endpoint that answers for a model, and somebody at the browser."""

from collections.abc import Callable

import pytest
from django.test import Client

from governance.accounts.models import User
from tests.providers.serving import endpoint_process, serving

__all__ = ["endpoint_process", "serving"]
Browsing = Callable[[User], Client]


@pytest.fixture
def browsing() -> Browsing:
    """A browser in which this person is signed in."""

    def signed_in(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return signed_in
